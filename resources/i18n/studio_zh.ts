<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_GB">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Build</source>
        <translation>生成(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Open the example</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Close project</source>
        <translation>关闭项目</translation>
    </message>
    <message>
        <source>Save description</source>
        <translation>保存描述</translation>
    </message>
    <message>
        <source>New description…</source>
        <translation>新建描述…</translation>
    </message>
    <message>
        <source>Show in file manager</source>
        <translation>在文件管理器中显示</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Undo change of tags</source>
        <translation>撤销标签修改</translation>
    </message>
    <message>
        <source>Search images</source>
        <translation>搜索图片</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Draw what is stale</source>
        <translation>生成过期的图</translation>
    </message>
    <message>
        <source>Draw this one</source>
        <translation>生成这张图</translation>
    </message>
    <message>
        <source>Draw this one afresh</source>
        <translation>重新画这张图</translation>
    </message>
    <message>
        <source>Stop drawing</source>
        <translation>停止生成</translation>
    </message>
    <message>
        <source>Draw on save</source>
        <translation>保存时自动生成</translation>
    </message>
    <message>
        <source>Look for new images</source>
        <translation>查找新图片</translation>
    </message>
    <message>
        <source>Describe images without words</source>
        <translation>为没有说明的图片写说明</translation>
    </message>
    <message>
        <source>All commands…</source>
        <translation>所有命令…</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>简体中文</source>
        <translation>简体中文</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>Log…</source>
        <translation>日志…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
</context>
<context>
    <name>CardMenu</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Find similar pictures</source>
        <translation>查找相似图片</translation>
    </message>
    <message>
        <source>Edit tags…</source>
        <translation>编辑标签…</translation>
    </message>
    <message>
        <source>Describe in words</source>
        <translation>写说明</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Actions for pictures</source>
        <translation>图片操作</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>All commands</source>
        <translation>所有命令</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>想做什么？</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Open project</source>
        <translation>打开项目</translation>
    </message>
    <message>
        <source>Undone: {0}</source>
        <translation>已撤销：{0}</translation>
    </message>
    <message>
        <source>Nothing to undo</source>
        <translation>没有可撤销的内容</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Game art as code. Free software under the MIT licence.</source>
        <translation>用文字描述的游戏美术。MIT 许可的自由软件。</translation>
    </message>
</context>
<context>
    <name>Completion</name>
    <message>
        <source>Suggestions</source>
        <translation>建议</translation>
    </message>
</context>
<context>
    <name>DescriptionEditor</name>
    <message>
        <source>Description editor</source>
        <translation>描述编辑器</translation>
    </message>
    <message>
        <source>Choose an image or a description to see its words.</source>
        <translation>选择一张图或一个描述来查看文字。</translation>
    </message>
</context>
<context>
    <name>DescriptionForm</name>
    <message>
        <source>What it shows</source>
        <translation>画什么</translation>
    </message>
    <message>
        <source>What it must not show</source>
        <translation>不要画什么</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Style</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Palette</source>
        <translation>调色板</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>变体数</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>such as: mossy stone wall with a wooden door</source>
        <translation>例如：长满苔藓的石墙和木门</translation>
    </message>
    <message>
        <source>such as: text, people</source>
        <translation>例如：文字、人物</translation>
    </message>
    <message>
        <source>By its folder</source>
        <translation>按文件夹</translation>
    </message>
    <message>
        <source>By its style</source>
        <translation>按风格</translation>
    </message>
    <message>
        <source>auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>From the file&apos;s path</source>
        <translation>由文件路径决定</translation>
    </message>
    <message>
        <source>Never draw this again</source>
        <translation>不再重画</translation>
    </message>
    <message>
        <source>Asset</source>
        <translation>素材</translation>
    </message>
    <message>
        <source>Asset of this file</source>
        <translation>此文件中的素材</translation>
    </message>
    <message>
        <source>Form of the description</source>
        <translation>描述表单</translation>
    </message>
    <message>
        <source>The text also sets: {keys}</source>
        <translation>文本中还设置了：{keys}</translation>
    </message>
    <message>
        <source>The form waits: line {line} of the text must be mended first.</source>
        <translation>表单暂停：请先修正文本第 {line} 行。</translation>
    </message>
    <message>
        <source>Show the place</source>
        <translation>显示位置</translation>
    </message>
</context>
<context>
    <name>DescriptionText</name>
    <message>
        <source>Text of the description file</source>
        <translation>描述文件的文本</translation>
    </message>
    <message>
        <source>description = &quot;mossy stone wall&quot;</source>
        <translation>description = &quot;长满苔藓的石墙&quot;</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>Try fewer or other words. Escape in the search clears it.</source>
        <translation>试试更少或别的词。在搜索框按 Esc 清空。</translation>
    </message>
    <message>
        <source>No pictures yet</source>
        <translation>还没有图片</translation>
    </message>
    <message>
        <source>Pictures in the project&apos;s folders appear here once they are imported.</source>
        <translation>项目文件夹中的图片导入后会显示在这里。</translation>
    </message>
</context>
<context>
    <name>FacetChips</name>
    <message>
        <source>Textures</source>
        <translation>纹理</translation>
    </message>
    <message>
        <source>Sprites</source>
        <translation>精灵</translation>
    </message>
    <message>
        <source>Sheets</source>
        <translation>图集</translation>
    </message>
    <message>
        <source>Stale</source>
        <translation>过期</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>Unused</source>
        <translation>未使用</translation>
    </message>
    <message>
        <source>Show only</source>
        <translation>只显示</translation>
    </message>
    <message>
        <source>Only {what}</source>
        <translation>只显示{what}</translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>New description</source>
        <translation>新建描述</translation>
    </message>
    <message>
        <source>Add tags</source>
        <translation>添加标签</translation>
    </message>
    <message>
        <source>Tags, divided by commas</source>
        <translation>标签，用逗号分隔</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Line {line}</source>
        <translation>第 {line} 行</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>没有问题</translation>
    </message>
    <message>
        <source>1 word</source>
        <translation>1 个词</translation>
    </message>
    <message>
        <source>{count} words</source>
        <translation>{count} 个词</translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message>
        <source>Best match</source>
        <translation>最匹配</translation>
    </message>
    <message>
        <source>Newest</source>
        <translation>最新</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Gallery</source>
        <translation>图库</translation>
    </message>
    <message>
        <source>Order of the pictures</source>
        <translation>图片顺序</translation>
    </message>
    <message>
        <source>Size of the pictures</source>
        <translation>图片大小</translation>
    </message>
    <message>
        <source>Size of the pictures (Ctrl and wheel)</source>
        <translation>图片大小（Ctrl 加滚轮）</translation>
    </message>
    <message>
        <source>Pictures found</source>
        <translation>找到的图片</translation>
    </message>
    <message>
        <source>{number} shown, scroll for more</source>
        <translation>显示 {number} 张，滚动查看更多</translation>
    </message>
    <message>
        <source>{number} shown</source>
        <translation>显示 {number} 张</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Form</source>
        <translation>表单</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Fill in what the image shows</source>
        <translation>填写图片的内容</translation>
    </message>
    <message>
        <source>Write the file itself</source>
        <translation>直接编辑文件</translation>
    </message>
    <message>
        <source>Revert</source>
        <translation>还原</translation>
    </message>
    <message>
        <source>Go back to the saved file; undo brings your text back</source>
        <translation>回到已保存的文件；撤销可找回你的文字</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the file ({keys})</source>
        <translation>保存文件（{keys}）</translation>
    </message>
    <message>
        <source>Not saved yet</source>
        <translation>尚未保存</translation>
    </message>
    <message>
        <source>No problems</source>
        <translation>没有问题</translation>
    </message>
    <message>
        <source>1 problem</source>
        <translation>1 个问题</translation>
    </message>
    <message>
        <source>{count} problems</source>
        <translation>{count} 个问题</translation>
    </message>
    <message>
        <source>{told}: go to it</source>
        <translation>{told}：转到该处</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Older versions of the image</source>
        <translation>图片的旧版本</translation>
    </message>
    <message>
        <source>Put this back</source>
        <translation>恢复此版本</translation>
    </message>
    <message>
        <source>Put the chosen version back</source>
        <translation>恢复所选版本</translation>
    </message>
    <message>
        <source>What is there now stays here as the newest version</source>
        <translation>现在的图会作为最新的旧版本留在这里</translation>
    </message>
    <message>
        <source>Choose an image to see its older versions</source>
        <translation>选择一张图来查看旧版本</translation>
    </message>
    <message>
        <source>No older version yet. One is kept whenever {0} is drawn again.</source>
        <translation>还没有旧版本。每次重画 {0} 都会保留一份。</translation>
    </message>
    <message>
        <source>Some time ago</source>
        <translation>一段时间前</translation>
    </message>
    <message>
        <source>Just now</source>
        <translation>刚刚</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n 分钟前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n 小时前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n 天前</numerusform>
        </translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>手绘</translation>
    </message>
    <message>
        <source>Not made by the studio</source>
        <translation>不是由工作室生成</translation>
    </message>
</context>
<context>
    <name>LibraryBridge</name>
    <message numerus="yes">
        <source>%n new image(s)</source>
        <translation>
            <numerusform>%n 张新图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n missing</source>
        <translation>
            <numerusform>%n 张缺失</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n moved</source>
        <translation>
            <numerusform>%n 张已移动</numerusform>
        </translation>
    </message>
    <message>
        <source>Describing images…</source>
        <translation>正在写说明…</translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) described</source>
        <translation>
            <numerusform>已为 %n 张图片写说明</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) tagged</source>
        <translation>
            <numerusform>已为 %n 张图片添加标签</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LogDialog</name>
    <message>
        <source>The log cannot be read: {0}</source>
        <translation>无法读取日志：{0}</translation>
    </message>
    <message>
        <source>Nothing was written: nothing went wrong.</source>
        <translation>没有记录：没有出错。</translation>
    </message>
    <message>
        <source>{0} of {1} lines</source>
        <translation>{0}/{1} 行</translation>
    </message>
    <message>
        <source>Copied, without names and private paths</source>
        <translation>已复制，不含姓名和私人路径</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Only lines with these letters</source>
        <translation>只显示含这些字的行</translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation>筛选日志</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>重新读取</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>复制诊断信息</translation>
    </message>
    <message>
        <source>Versions, changed settings and the last lines, for a report of a bug</source>
        <translation>版本、改过的设置和最后几行日志，用于报告问题</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Something went wrong</source>
        <translation>出错了</translation>
    </message>
    <message>
        <source>This should not have happened; your files are as they were.</source>
        <translation>本不该发生；你的文件没有变。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Opening {0}…</source>
        <translation>正在打开 {0}…</translation>
    </message>
    <message>
        <source>Not drawn yet: press F5</source>
        <translation>还没有画：按 F5</translation>
    </message>
    <message>
        <source>Drawing the region…</source>
        <translation>正在重画该区域…</translation>
    </message>
    <message>
        <source>Drawn; every other pixel is as it was</source>
        <translation>已画好；其余像素保持原样</translation>
    </message>
    <message>
        <source>{0} copied</source>
        <translation>已复制 {0}</translation>
    </message>
    <message>
        <source>Every image fits its words already</source>
        <translation>所有图片都与文字一致</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>素材库</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Drawing</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Older versions</source>
        <translation>旧版本</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation>出错了：{0}</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>{0} seconds an image</source>
        <translation>每张 {0} 秒</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>draws images</source>
        <translation>生成图片</translation>
    </message>
    <message>
        <source>describes images</source>
        <translation>描述图片</translation>
    </message>
    <message>
        <source>changes images</source>
        <translation>修改图片</translation>
    </message>
    <message>
        <source>draws seamless textures</source>
        <translation>生成无缝纹理</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>No model</source>
        <translation>没有模型</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Install the studio again.</source>
        <translation>损坏或缺失：{0}。请重新安装。</translation>
    </message>
    <message>
        <source>Every file is whole.</source>
        <translation>所有文件完好。</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Check files</source>
        <translation>检查文件</translation>
    </message>
    <message>
        <source>Compare the model&apos;s files with their fingerprints</source>
        <translation>用指纹核对模型文件</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Can</source>
        <translation>能力</translation>
    </message>
    <message>
        <source>Understands</source>
        <translation>懂得的语言</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
</context>
<context>
    <name>Number</name>
    <message>
        <source>A whole number from {least} to {most}.</source>
        <translation>{least} 到 {most} 之间的整数。</translation>
    </message>
</context>
<context>
    <name>PaletteStrip</name>
    <message>
        <source>Colours of the picture</source>
        <translation>图片的颜色</translation>
    </message>
    <message>
        <source>{colour}, {share} % of the picture. Click to copy.</source>
        <translation>{colour}，占图片的 {share} %。点击复制。</translation>
    </message>
    <message>
        <source>Copy {colour}, {share} %</source>
        <translation>复制 {colour}，{share} %</translation>
    </message>
    <message>
        <source>  of {count} colours</source>
        <translation>  共 {count} 种颜色</translation>
    </message>
</context>
<context>
    <name>PictureArea</name>
    <message>
        <source>before</source>
        <translation>之前</translation>
    </message>
    <message>
        <source>after</source>
        <translation>之后</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Plus and minus zoom, 0 shows all, 1 shows 100 %, arrows move.</source>
        <translation>加减号缩放，0 显示全部，1 显示 100 %，方向键移动。</translation>
    </message>
</context>
<context>
    <name>Playback</name>
    <message>
        <source>Show the whole sheet</source>
        <translation>显示整张图集</translation>
    </message>
    <message>
        <source>Whole sheet</source>
        <translation>整张图集</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation>帧编号</translation>
    </message>
    <message>
        <source> fps</source>
        <translation> 帧/秒</translation>
    </message>
    <message>
        <source>Frames per second</source>
        <translation>每秒帧数</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number}/{count}</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} 帧</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>About the picture</source>
        <translation>图片信息</translation>
    </message>
    <message>
        <source>Pixel under the cursor</source>
        <translation>光标下的像素</translation>
    </message>
    <message>
        <source>clear</source>
        <translation>透明</translation>
    </message>
    <message>
        <source>{colour}, {share} % opaque</source>
        <translation>{colour}，不透明度 {share} %</translation>
    </message>
    <message>
        <source>Choose an image in the list</source>
        <translation>在列表中选择一张图</translation>
    </message>
    <message>
        <source>one colour</source>
        <translation>1 种颜色</translation>
    </message>
    <message>
        <source>{count} colours</source>
        <translation>{count} 种颜色</translation>
    </message>
    <message>
        <source>repeats without a seam ({score})</source>
        <translation>无缝平铺（{score}）</translation>
    </message>
    <message>
        <source>a seam shows ({score})</source>
        <translation>有接缝（{score}）</translation>
    </message>
</context>
<context>
    <name>ProjectPanel</name>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Filter the project&apos;s images</source>
        <translation>筛选项目中的图片</translation>
    </message>
    <message>
        <source>Images of the project</source>
        <translation>项目的图片</translation>
    </message>
    <message>
        <source>up to date</source>
        <translation>最新</translation>
    </message>
    <message>
        <source>words changed</source>
        <translation>文字已改</translation>
    </message>
    <message>
        <source>not drawn yet</source>
        <translation>还没有画</translation>
    </message>
    <message>
        <source>painted over by hand</source>
        <translation>手工修改过</translation>
    </message>
    <message>
        <source>locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>could not be drawn</source>
        <translation>无法生成</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message numerus="yes">
        <source>Drawing %n image(s)</source>
        <translation>
            <numerusform>正在生成 %n 张图</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for {0}</source>
        <translation>正在等待 {0}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop drawing</source>
        <translation>停止生成</translation>
    </message>
    <message>
        <source>What was drawn</source>
        <translation>已生成的图</translation>
    </message>
    <message>
        <source>How far the drawing is</source>
        <translation>生成进度</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>还剩 %n 秒</numerusform>
        </translation>
    </message>
    <message>
        <source>Stopped; what was finished stays</source>
        <translation>已停止；完成的部分保留</translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) could not be drawn</source>
        <translation>
            <numerusform>%n 张图无法生成</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) drawn</source>
        <translation>
            <numerusform>已生成 %n 张图</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n 秒</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing to draw: every image fits its words</source>
        <translation>没有要生成的：每张图都与文字一致</translation>
    </message>
</context>
<context>
    <name>RegionBar</name>
    <message>
        <source> px</source>
        <translation> 像素</translation>
    </message>
    <message>
        <source>Width of the brush, in pixels of the picture ([ and ])</source>
        <translation>画笔宽度，以图片像素计（[ 和 ]）</translation>
    </message>
    <message>
        <source>Brush size</source>
        <translation>画笔大小</translation>
    </message>
    <message>
        <source>What should be there?</source>
        <translation>这里应该是什么？</translation>
    </message>
    <message>
        <source>What should be there</source>
        <translation>这里应该是什么</translation>
    </message>
    <message>
        <source>Clear the region</source>
        <translation>清除区域</translation>
    </message>
    <message>
        <source>Stop editing (Esc)</source>
        <translation>停止编辑（Esc）</translation>
    </message>
    <message>
        <source>Stop editing</source>
        <translation>停止编辑</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Paint over a region first: left paints, right erases</source>
        <translation>先涂出一个区域：左键涂，右键擦</translation>
    </message>
    <message>
        <source>Say what should be there</source>
        <translation>说明这里应该是什么</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Your unsaved text from last time is back.</source>
        <translation>上次未保存的文字已恢复。</translation>
    </message>
    <message>
        <source>Use the saved file</source>
        <translation>使用已保存的文件</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>好</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Back to the saved file. Your text was laid aside.</source>
        <translation>已回到保存的文件。你的文字另存了一份。</translation>
    </message>
    <message>
        <source>This is the other program&apos;s text. Yours was laid aside.</source>
        <translation>这是另一个程序的文字。你的文字另存了一份。</translation>
    </message>
    <message>
        <source>Your text stays. The other program&apos;s was laid aside.</source>
        <translation>保留你的文字。另一个程序的文字另存了一份。</translation>
    </message>
    <message>
        <source>Saving writes yours over it.</source>
        <translation>保存会用你的文字覆盖它。</translation>
    </message>
    <message>
        <source>Show theirs</source>
        <translation>查看对方的</translation>
    </message>
    <message>
        <source>Unsaved text cannot be kept safe: save soon.</source>
        <translation>未保存的文字无法备份：请尽快保存。</translation>
    </message>
    <message>
        <source>Bring mine back</source>
        <translation>找回我的</translation>
    </message>
    <message>
        <source>{name} was removed or renamed.</source>
        <translation>{name} 被删除或改名了。</translation>
    </message>
    <message>
        <source>Your text is still here.</source>
        <translation>你的文字还在这里。</translation>
    </message>
    <message>
        <source>Write it again</source>
        <translation>重新写入</translation>
    </message>
    <message>
        <source>{name} was changed by another program.</source>
        <translation>{name} 被另一个程序修改了。</translation>
    </message>
    <message>
        <source>The text you do not choose is kept.</source>
        <translation>未选择的文字会保留。</translation>
    </message>
    <message>
        <source>Take theirs</source>
        <translation>采用对方的</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>保留我的</translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>Search: knight, tag:stone, size:&gt;=64, color:#884422</source>
        <translation>搜索：骑士, tag:stone, size:&gt;=64, color:#884422</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Words and fields. Up and Down bring back earlier searches, Escape clears.</source>
        <translation>词语和字段。上下键找回之前的搜索，Esc 清空。</translation>
    </message>
    <message>
        <source>Completions</source>
        <translation>补全</translation>
    </message>
    <message>
        <source>What is wrong with the search</source>
        <translation>搜索中的问题</translation>
    </message>
    <message>
        <source>Search now</source>
        <translation>立即搜索</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清空搜索</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Changes are seen at once.</source>
        <translation>修改立即生效。</translation>
    </message>
    <message>
        <source>Drawing</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>For the next project you open; what its llamavis.toml says wins.</source>
        <translation>对之后打开的项目有效；项目的 llamavis.toml 优先。</translation>
    </message>
    <message>
        <source>&apos;{0}&apos; is not one of {1}</source>
        <translation>“{0}”不在 {1} 之中</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset: {0}</source>
        <translation>重置：{0}</translation>
    </message>
    <message>
        <source>image</source>
        <translation>张</translation>
    </message>
    <message>
        <source>images</source>
        <translation>张</translation>
    </message>
    <message>
        <source>second</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Language of the interface</source>
        <translation>界面语言</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Look of the window</source>
        <translation>窗口外观</translation>
    </message>
    <message>
        <source>Images drawn at once</source>
        <translation>同时生成的图片数</translation>
    </message>
    <message>
        <source>Most images made at once; 0: what the backend likes</source>
        <translation>一次最多生成的图片数；0 由后端决定</translation>
    </message>
    <message>
        <source>As the model likes</source>
        <translation>由模型决定</translation>
    </message>
    <message>
        <source>Processor threads</source>
        <translation>处理器线程</translation>
    </message>
    <message>
        <source>CPU threads of the model; 0: all cores</source>
        <translation>模型使用的 CPU 线程数；0 为全部核心</translation>
    </message>
    <message>
        <source>thread</source>
        <translation>个线程</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>个线程</translation>
    </message>
    <message>
        <source>All cores</source>
        <translation>全部核心</translation>
    </message>
    <message>
        <source>Images finished at once</source>
        <translation>同时后处理的图片数</translation>
    </message>
    <message>
        <source>Images finished at once; 0: one a core</source>
        <translation>同时后处理的图片数；0 为每核一张</translation>
    </message>
    <message>
        <source>One a core</source>
        <translation>每核一张</translation>
    </message>
    <message>
        <source>Room for older images</source>
        <translation>旧图片的空间</translation>
    </message>
    <message>
        <source>Room for replaced images in a project; 0: none</source>
        <translation>项目中保留旧图片的空间；0 为不保留</translation>
    </message>
    <message>
        <source>megabyte</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>megabytes</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>Keep none</source>
        <translation>不保留</translation>
    </message>
    <message>
        <source>Wait after a save</source>
        <translation>保存后等待</translation>
    </message>
    <message>
        <source>Quiet time after a save before building, in seconds</source>
        <translation>保存后等待多少秒再生成</translation>
    </message>
    <message>
        <source>Keep the model ready for</source>
        <translation>模型保持待命</translation>
    </message>
    <message>
        <source>Idle time after which the model leaves memory, in seconds</source>
        <translation>空闲多少秒后模型离开内存</translation>
    </message>
    <message>
        <source>Draw on</source>
        <translation>生成设备</translation>
    </message>
    <message>
        <source>auto, cpu, cuda or cuda:1</source>
        <translation>auto、cpu、cuda 或 cuda:1</translation>
    </message>
</context>
<context>
    <name>Size</name>
    <message>
        <source>Two whole numbers from {least} to {most}.</source>
        <translation>{least} 到 {most} 之间的两个整数。</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>宽（像素）</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>高（像素）</translation>
    </message>
    <message>
        <source>Leave the size out</source>
        <translation>不写尺寸</translation>
    </message>
</context>
<context>
    <name>ToolRow</name>
    <message>
        <source>{share} %</source>
        <translation>{share} %</translation>
    </message>
    <message>
        <source>1:1</source>
        <translation>1:1</translation>
    </message>
    <message>
        <source>Edit a region</source>
        <translation>修改区域</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Show all of it (0)</source>
        <translation>显示全部（0）</translation>
    </message>
    <message>
        <source>100 %</source>
        <translation>100 %</translation>
    </message>
    <message>
        <source>One pixel on one of the screen (1)</source>
        <translation>一个像素对应屏幕一个像素（1）</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小（-）</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大（+）</translation>
    </message>
    <message>
        <source>Tile</source>
        <translation>平铺</translation>
    </message>
    <message>
        <source>Repeat it 3 x 3 to see its seams</source>
        <translation>3 x 3 平铺以检查接缝</translation>
    </message>
    <message>
        <source>Pixel grid</source>
        <translation>像素网格</translation>
    </message>
    <message>
        <source>Lines between pixels, from 800 % on</source>
        <translation>800 % 以上显示像素分隔线</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Before and after, with a divider</source>
        <translation>用分隔线对比前后</translation>
    </message>
    <message>
        <source>Paint over a region and say what should be there</source>
        <translation>涂出一个区域，并说明那里应该是什么</translation>
    </message>
</context>
<context>
    <name>VariantsStrip</name>
    <message>
        <source>Variants</source>
        <translation>变体数</translation>
    </message>
    <message>
        <source>Use this one</source>
        <translation>用这张</translation>
    </message>
    <message>
        <source>Variants of this image</source>
        <translation>这张图的变体</translation>
    </message>
    <message>
        <source>Use this variant</source>
        <translation>使用这个变体</translation>
    </message>
    <message>
        <source>A table is changed as text: write the number in its column &apos;pick&apos;</source>
        <translation>表格按文本修改：把编号写在 pick 列</translation>
    </message>
    <message>
        <source>Write into the description that this variant alone is built</source>
        <translation>在描述中写明只生成这个变体</translation>
    </message>
    <message>
        <source>Variant {0}</source>
        <translation>变体 {0}</translation>
    </message>
    <message>
        <source>{0}, not drawn yet</source>
        <translation>{0}，还没有画</translation>
    </message>
    <message>
        <source>{0}, shown</source>
        <translation>{0}，正在显示</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>LlamaVis Studio</source>
        <translation>LlamaVis Studio</translation>
    </message>
    <message>
        <source>Describe your game&apos;s images in words, in files beside your game. They are drawn here, and drawn again when the words change.</source>
        <translation>用文字描述游戏里的图片，文字文件就放在游戏旁边。图片在这里生成，文字一改就重新生成。</translation>
    </message>
    <message>
        <source>Open the example</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>or drop a folder here</source>
        <translation>或把文件夹拖到这里</translation>
    </message>
</context>
</TS>
