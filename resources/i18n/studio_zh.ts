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
        <source>New project…</source>
        <translation>新建项目…</translation>
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
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Move to folder…</source>
        <translation>移动到文件夹…</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>制作副本</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
    <message>
        <source>Copy path for Godot</source>
        <translation>复制 Godot 路径</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>删除…</translation>
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
        <source>Keyboard shortcuts…</source>
        <translation>键盘快捷键…</translation>
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
        <source>Variants…</source>
        <translation>变体…</translation>
    </message>
    <message>
        <source>Stop drawing</source>
        <translation>停止生成</translation>
    </message>
    <message>
        <source>Pause drawing</source>
        <translation>暂停生成</translation>
    </message>
    <message>
        <source>Draw again what failed</source>
        <translation>重新生成失败的图</translation>
    </message>
    <message>
        <source>Draw on save</source>
        <translation>保存时自动生成</translation>
    </message>
    <message>
        <source>Tell me when drawing is done</source>
        <translation>生成完成时通知我</translation>
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
        <source>Ask about this picture…</source>
        <translation>向模型提问…</translation>
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
    <message>
        <source>Layouts</source>
        <translation>布局</translation>
    </message>
</context>
<context>
    <name>AnswerCard</name>
    <message>
        <source>Copied: the answer</source>
        <translation>已复制：回答</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>复制回答</translation>
    </message>
    <message>
        <source>Save it as the caption</source>
        <translation>存为说明文字</translation>
    </message>
    <message>
        <source>Use it as the description</source>
        <translation>用作描述</translation>
    </message>
    <message>
        <source>Take this answer away</source>
        <translation>移除这条回答</translation>
    </message>
</context>
<context>
    <name>AskBox</name>
    <message>
        <source>One question at a time: this one is not answered yet</source>
        <translation>一次只能问一个问题：这个还没有回答</translation>
    </message>
    <message numerus="yes">
        <source>Ask about these %n picture(s)</source>
        <translation>
            <numerusform>就这 %n 张图片提问</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask about this picture</source>
        <translation>就这张图片提问</translation>
    </message>
    <message>
        <source>{0} describes pictures, but answers no questions.</source>
        <translation>{0} 能描述图片，但不能回答问题。</translation>
    </message>
    <message>
        <source>The studio&apos;s own model describes pictures, but answers no questions.</source>
        <translation>工作室自带的模型能描述图片，但不能回答问题。</translation>
    </message>
    <message>
        <source>{0}, which is on this machine, does.</source>
        <translation>这台电脑上的 {0} 可以。</translation>
    </message>
    <message>
        <source>Let {0} look</source>
        <translation>让 {0} 来看</translation>
    </message>
    <message>
        <source>Chat models such as SmolVLM, Qwen-VL or Janus-Pro do.</source>
        <translation>能对话的模型可以，例如 SmolVLM、Qwen-VL 或 Janus-Pro。</translation>
    </message>
    <message>
        <source>{0} of {1} done</source>
        <translation>已完成 {0}/{1}</translation>
    </message>
    <message>
        <source>such as: how many doors does it have?</source>
        <translation>例如：它有几扇门？</translation>
    </message>
    <message>
        <source>Waiting: what is drawn now comes first</source>
        <translation>等待中：正在绘制的图片优先</translation>
    </message>
    <message>
        <source>{0} is looking at {1}…</source>
        <translation>{0} 正在看 {1}…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Stop; what is answered stays</source>
        <translation>停止；已有的回答会保留</translation>
    </message>
    <message>
        <source>Ask (Enter)</source>
        <translation>提问（回车键）</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>How far the answers are</source>
        <translation>回答进度</translation>
    </message>
</context>
<context>
    <name>Backends</name>
    <message>
        <source>{0} is not ready: {1}</source>
        <translation>{0} 尚不可用：{1}</translation>
    </message>
    <message>
        <source>{0} draws whole images only</source>
        <translation>{0} 只能绘制整张图像</translation>
    </message>
    <message>
        <source>{0} does not heed this</source>
        <translation>{0} 不理会这一项</translation>
    </message>
    <message>
        <source>{0} does not look at references</source>
        <translation>{0} 不参考图像</translation>
    </message>
    <message>
        <source>{0} cannot draw in the taught style of {1}</source>
        <translation>{0} 不能用 {1} 训练出的风格绘制</translation>
    </message>
    <message>
        <source>not ready: {0}</source>
        <translation>尚不可用：{0}</translation>
    </message>
    <message>
        <source>describes images</source>
        <translation>描述图像</translation>
    </message>
    <message>
        <source>pixel art</source>
        <translation>像素画</translation>
    </message>
    <message>
        <source>about {0} px</source>
        <translation>约 {0} 像素</translation>
    </message>
    <message>
        <source>seamless</source>
        <translation>无缝</translation>
    </message>
    <message>
        <source>clear background</source>
        <translation>透明背景</translation>
    </message>
    <message>
        <source>edits</source>
        <translation>可修改</translation>
    </message>
    <message>
        <source>edits regions</source>
        <translation>可修改局部</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>CaptionerMenu</name>
    <message>
        <source>Who describes images</source>
        <translation>由谁描述图像</translation>
    </message>
    <message>
        <source>The model looks at it; what was written by hand stays</source>
        <translation>让模型看图描述；手写的内容不变</translation>
    </message>
    <message>
        <source>{0} looks at it; what was written by hand stays</source>
        <translation>由 {0} 查看图像；手写的内容保持不变</translation>
    </message>
</context>
<context>
    <name>Captions</name>
    <message>
        <source>A model is answering a question; describe when that is done</source>
        <translation>模型正在回答问题；完成后再描述</translation>
    </message>
    <message>
        <source>Kept. Undo takes it back.</source>
        <translation>已保存，可以撤销。</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) described</source>
        <translation>
            <numerusform>已描述 %n 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read</source>
        <translation>
            <numerusform>%n 张无法读取</numerusform>
        </translation>
    </message>
    <message>
        <source>Pictures are being described already; cancel that to begin anew</source>
        <translation>正在描述图片；要重新开始请先取消</translation>
    </message>
</context>
<context>
    <name>CaptionsPanel</name>
    <message>
        <source>it is larger than what the model was taught</source>
        <translation>它比模型学过的图片大</translation>
    </message>
    <message>
        <source>it has more colours than pixel art has</source>
        <translation>它的颜色比像素画多</translation>
    </message>
    <message>
        <source>its plain areas are larger than those of pixel art</source>
        <translation>它的纯色区域比像素画的大</translation>
    </message>
    <message>
        <source>its colours run into each other</source>
        <translation>它的颜色相互渐变</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>What does it show?</source>
        <translation>画的是什么？</translation>
    </message>
    <message>
        <source>They have different captions</source>
        <translation>它们的说明各不相同</translation>
    </message>
    <message>
        <source>Describe again</source>
        <translation>重新描述</translation>
    </message>
    <message>
        <source>Describe</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>{0} is not in the library yet. Look for new images (F6) takes it in.</source>
        <translation>{0} 还不在素材库中。“查找新图片”（F6）会把它收进来。</translation>
    </message>
    <message>
        <source>Choose an image to see and write its words</source>
        <translation>选择一张图片，查看并填写它的文字</translation>
    </message>
    <message>
        <source>Written by hand; no model changes it</source>
        <translation>手写的，模型不会改动</translation>
    </message>
    <message>
        <source>The description that it was drawn from</source>
        <translation>生成这张图所用的描述</translation>
    </message>
    <message>
        <source>The model says so</source>
        <translation>模型这样说</translation>
    </message>
    <message>
        <source>From a file beside the picture</source>
        <translation>来自图片旁边的文件</translation>
    </message>
    <message>
        <source>Nobody has said it yet</source>
        <translation>还没有人说明</translation>
    </message>
    <message>
        <source>The model says so, {0} sure</source>
        <translation>模型这样说，把握 {0}</translation>
    </message>
    <message>
        <source>The model sees: {0}</source>
        <translation>模型看到：{0}</translation>
    </message>
    <message>
        <source>it is unlike what the model was taught</source>
        <translation>它不像模型学过的图片</translation>
    </message>
    <message>
        <source>hardly any pixel is like the one beside it</source>
        <translation>相邻像素几乎都不相同</translation>
    </message>
    <message>
        <source>it has details that the model cannot draw</source>
        <translation>它有模型画不出的细节</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>The model is not sure: {0}.</source>
        <translation>模型没有把握：{0}。</translation>
    </message>
    <message>
        <source>{0}, {1} of the picture</source>
        <translation>{0}，占画面 {1}</translation>
    </message>
    <message>
        <source>Described by {0}, {1}</source>
        <translation>由 {0} 描述，{1}</translation>
    </message>
    <message>
        <source>Drawn by {0}, seed {1}</source>
        <translation>由 {0} 生成，种子 {1}</translation>
    </message>
    <message>
        <source>From the words: {0}</source>
        <translation>所用文字：{0}</translation>
    </message>
    <message>
        <source>The sentence is as it was</source>
        <translation>说明已恢复原样</translation>
    </message>
    <message>
        <source>Copied: caption and tags</source>
        <translation>已复制说明和标签</translation>
    </message>
    <message>
        <source>{0} copied</source>
        <translation>已复制 {0}</translation>
    </message>
    <message>
        <source>Caption</source>
        <translation>说明</translation>
    </message>
    <message>
        <source>Ctrl+Enter keeps it, Esc takes it back</source>
        <translation>Ctrl+Enter 保存，Esc 取消</translation>
    </message>
    <message>
        <source>Add tags</source>
        <translation>添加标签</translation>
    </message>
    <message>
        <source>Add tags, with commas between</source>
        <translation>添加标签，用逗号分隔</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>提问</translation>
    </message>
    <message>
        <source>Ask a model something about what is shown here</source>
        <translation>就这里显示的图片向模型提问</translation>
    </message>
    <message>
        <source>Copy caption and tags</source>
        <translation>复制说明和标签</translation>
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
        <source>Add tags…</source>
        <translation>添加标签…</translation>
    </message>
    <message>
        <source>Take a tag away…</source>
        <translation>去掉标签…</translation>
    </message>
    <message>
        <source>Words…</source>
        <translation>文字…</translation>
    </message>
    <message>
        <source>Describe in words</source>
        <translation>写说明</translation>
    </message>
    <message>
        <source>Ask about it…</source>
        <translation>提问…</translation>
    </message>
    <message>
        <source>Move to a folder…</source>
        <translation>移到文件夹…</translation>
    </message>
    <message>
        <source>Copy out…</source>
        <translation>复制到项目外…</translation>
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
    <name>Changes</name>
    <message>
        <source>Undo: {0}</source>
        <translation>撤销：{0}</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo: {0}</source>
        <translation>重做：{0}</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Nothing to undo</source>
        <translation>没有可撤销的操作</translation>
    </message>
    <message>
        <source>Undone: {0}</source>
        <translation>已撤销：{0}</translation>
    </message>
    <message>
        <source>Nothing to redo</source>
        <translation>没有可重做的操作</translation>
    </message>
    <message>
        <source>Redone: {0}</source>
        <translation>已重做：{0}</translation>
    </message>
    <message>
        <source>{0} has unsaved text: save it, or undo it there</source>
        <translation>{0} 中有未保存的文字：请先保存，或在编辑器中撤销</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>words of images ({0})</source>
        <translation>图像文字（{0}）</translation>
    </message>
    <message>
        <source>edit of {0}</source>
        <translation>编辑 {0}</translation>
    </message>
    <message>
        <source>new {0}</source>
        <translation>新建 {0}</translation>
    </message>
    <message>
        <source>rename {0}</source>
        <translation>重命名 {0}</translation>
    </message>
    <message>
        <source>move {0}</source>
        <translation>移动 {0}</translation>
    </message>
    <message>
        <source>duplicate {0}</source>
        <translation>制作 {0} 的副本</translation>
    </message>
    <message>
        <source>delete {0}</source>
        <translation>删除 {0}</translation>
    </message>
    <message>
        <source>lock {0}</source>
        <translation>锁定 {0}</translation>
    </message>
    <message>
        <source>unlock {0}</source>
        <translation>解锁 {0}</translation>
    </message>
    <message>
        <source>variants of {0}</source>
        <translation>{0} 的变体</translation>
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
        <source>A command, or the name of an image</source>
        <translation>命令，或图片的名称</translation>
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
    <name>CopyDialog</name>
    <message>
        <source>Copy out</source>
        <translation>复制到项目外</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>No words</source>
        <translation>不带文字</translation>
    </message>
    <message>
        <source>Text files: caption and tags, for training</source>
        <translation>文本文件：说明和标签，供训练用</translation>
    </message>
    <message>
        <source>JSON files: who said what</source>
        <translation>JSON 文件：谁说了什么</translation>
    </message>
    <message>
        <source>Words beside them</source>
        <translation>旁边的文字</translation>
    </message>
    <message>
        <source>Keep the folders they lie in</source>
        <translation>保留原来的文件夹</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) go to a folder outside of the project.</source>
        <translation>
            <numerusform>%n 张图片将复制到项目外的文件夹。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing there is written over.</source>
        <translation>那里的文件不会被覆盖。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Copy to</source>
        <translation>复制到</translation>
    </message>
</context>
<context>
    <name>DeleteDialog</name>
    <message>
        <source>Delete {0}?</source>
        <translation>删除 {0}？</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n description(s)?</source>
        <translation>
            <numerusform>删除 %n 个描述？</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>What goes lies in the trash afterwards; Undo brings it back.</source>
        <translation>删除的文件会放入回收站，也可以用“撤销”恢复。</translation>
    </message>
    <message numerus="yes">
        <source>Their pictures too (%n picture(s))</source>
        <translation>
            <numerusform>同时删除图像（%n 张）</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Its pictures too (%n picture(s))</source>
        <translation>
            <numerusform>同时删除图像（%n 张）</numerusform>
        </translation>
    </message>
    <message>
        <source>Files that go to the trash</source>
        <translation>将放入回收站的文件</translation>
    </message>
    <message numerus="yes">
        <source>%n of the pictures was painted over by hand.</source>
        <translation>
            <numerusform>其中 %n 张图像经过手工修改。</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>{0}: only the part about it</source>
        <translation>{0}：仅其中的相关部分</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>以及另外 {0} 个</translation>
    </message>
</context>
<context>
    <name>DescribeBar</name>
    <message>
        <source>Describing {0} of {1}</source>
        <translation>正在描述 {0} / {1}</translation>
    </message>
    <message>
        <source>Describing…</source>
        <translation>正在描述…</translation>
    </message>
    <message>
        <source>{0} of {1} described; drawing goes first</source>
        <translation>已描述 {0} / {1}，先等图片生成</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>还剩 %n 分钟</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>还剩 %n 秒</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Stop describing</source>
        <translation>停止描述</translation>
    </message>
    <message>
        <source>Stop describing; what is described stays</source>
        <translation>停止描述，已描述的会保留</translation>
    </message>
    <message>
        <source>How far the describing is</source>
        <translation>描述进度</translation>
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
        <source>Drawn by</source>
        <translation>绘制者</translation>
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
        <source>{0} (default)</source>
        <translation>{0}（默认）</translation>
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
    <name>Dialogs</name>
    <message>
        <source>Your settings file cannot be read ({0}). What could be read is shown here. When you change something, a new file is begun and the old one is kept beside it.</source>
        <translation>设置文件无法读取（{0}）。这里显示能读出的部分。修改任何一项时会新建设置文件，旧文件保留在旁边。</translation>
    </message>
</context>
<context>
    <name>Drawing</name>
    <message>
        <source>Drawing is paused: it waits</source>
        <translation>生成已暂停：正在等待</translation>
    </message>
    <message>
        <source>Nothing has failed</source>
        <translation>没有失败的图</translation>
    </message>
</context>
<context>
    <name>Drawn</name>
    <message>
        <source>drawn at {0}, then made {1}</source>
        <translation>以 {0} 绘制，再缩放为 {1}</translation>
    </message>
    <message>
        <source>its background is removed by a filter</source>
        <translation>背景由滤镜去除</translation>
    </message>
    <message>
        <source>&apos;{0}&apos; is added to the prompt</source>
        <translation>提示词后添加了“{0}”</translation>
    </message>
    <message>
        <source>its edges are blended by a filter</source>
        <translation>边缘由滤镜融合</translation>
    </message>
    <message>
        <source>the model does not heed &apos;{0}&apos;</source>
        <translation>模型不理会“{0}”</translation>
    </message>
    <message>
        <source>the model cannot draw in the style that was trained for it</source>
        <translation>模型不能用训练出的风格绘制</translation>
    </message>
    <message>
        <source>the model reads no Chinese: a dictionary puts it into English first</source>
        <translation>模型不懂中文：先用词典译成英文</translation>
    </message>
    <message>
        <source>the model reads no Chinese, and the description has some</source>
        <translation>模型不懂中文，而描述里有中文</translation>
    </message>
    <message>
        <source>the same words and seed may give another image each time</source>
        <translation>相同的文字和种子每次可能得到不同的图像</translation>
    </message>
    <message>
        <source>the model did not read the end: &apos;{0}&apos;</source>
        <translation>模型没有读到结尾：“{0}”</translation>
    </message>
    <message>
        <source>the model did not read the end of what to avoid: &apos;{0}&apos;</source>
        <translation>不要出现的内容太长，模型没有读到结尾：“{0}”</translation>
    </message>
    <message>
        <source>nothing stands out from its background, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation>没有东西能从背景中分出来，因此保留背景：请在描述中写“纯色背景”，或换一个种子</translation>
    </message>
    <message>
        <source>its background is too busy to be told from the figure, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation>背景太杂，分不清主体，因此保留背景：请在描述里写“纯色背景”，或换一个种子</translation>
    </message>
    <message>
        <source>it has no background, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation>图像没有背景，因此保持原样：请在描述中写“纯色背景”，或换一个种子</translation>
    </message>
</context>
<context>
    <name>Editor</name>
    <message>
        <source>{0}.</source>
        <translation>{0}。</translation>
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
    <name>FacetChip</name>
    <message>
        <source>Any</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Another tag…</source>
        <translation>其他标签…</translation>
    </message>
    <message>
        <source>Another…</source>
        <translation>其他颜色…</translation>
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
        <source>Materials</source>
        <translation>材质</translation>
    </message>
    <message>
        <source>Characters</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>物品</translation>
    </message>
    <message>
        <source>Backgrounds</source>
        <translation>背景</translation>
    </message>
    <message>
        <source>Creatures</source>
        <translation>生物</translation>
    </message>
    <message>
        <source>Map features</source>
        <translation>地图元素</translation>
    </message>
    <message>
        <source>Effects</source>
        <translation>特效</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>物体</translation>
    </message>
    <message>
        <source>Icons</source>
        <translation>图标</translation>
    </message>
    <message>
        <source>Animations</source>
        <translation>动画</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Base colour maps</source>
        <translation>基础色贴图</translation>
    </message>
    <message>
        <source>Normal maps</source>
        <translation>法线贴图</translation>
    </message>
    <message>
        <source>Roughness maps</source>
        <translation>粗糙度贴图</translation>
    </message>
    <message>
        <source>Metallic maps</source>
        <translation>金属度贴图</translation>
    </message>
    <message>
        <source>Height maps</source>
        <translation>高度贴图</translation>
    </message>
    <message>
        <source>Occlusion maps</source>
        <translation>遮蔽贴图</translation>
    </message>
    <message>
        <source>ORM maps</source>
        <translation>ORM 贴图</translation>
    </message>
    <message>
        <source>Emissive maps</source>
        <translation>自发光贴图</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>最新</translation>
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
        <source>Painted by hand</source>
        <translation>手工修改</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>In the way of a description</source>
        <translation>与描述冲突</translation>
    </message>
    <message>
        <source>Not used in the game</source>
        <translation>游戏中未使用</translation>
    </message>
    <message>
        <source>Without tags</source>
        <translation>没有标签</translation>
    </message>
    <message>
        <source>Words are a guess</source>
        <translation>文字只是猜测</translation>
    </message>
    <message>
        <source>There twice</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>Looks like another</source>
        <translation>与别的图相似</translation>
    </message>
    <message>
        <source>Tiles without a seam</source>
        <translation>无缝平铺</translation>
    </message>
    <message>
        <source>With clear pixels</source>
        <translation>有透明像素</translation>
    </message>
    <message>
        <source>Pixel art</source>
        <translation>像素画</translation>
    </message>
    <message>
        <source>Animated</source>
        <translation>有动画</translation>
    </message>
    <message>
        <source>File is gone</source>
        <translation>文件不在了</translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿</translation>
    </message>
    <message>
        <source>Teal</source>
        <translation>青绿</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>紫</translation>
    </message>
    <message>
        <source>Pink</source>
        <translation>粉</translation>
    </message>
    <message>
        <source>Brown</source>
        <translation>棕</translation>
    </message>
    <message>
        <source>Beige</source>
        <translation>米色</translation>
    </message>
    <message>
        <source>Black</source>
        <translation>黑</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>灰</translation>
    </message>
    <message>
        <source>White</source>
        <translation>白</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Show only</source>
        <translation>只显示</translation>
    </message>
</context>
<context>
    <name>FetchDialog</name>
    <message>
        <source>Look it up</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>Fetch {0}</source>
        <translation>下载 {0}</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Asking what it has…</source>
        <translation>正在查询……</translation>
    </message>
    <message>
        <source>It is on this machine already.</source>
        <translation>本机已有此模型。</translation>
    </message>
    <message>
        <source>Its licence limits who may use it, or for what: read it first.</source>
        <translation>其许可证限制使用者或用途：请先阅读。</translation>
    </message>
    <message>
        <source>about {0} GB while it works, its publisher says</source>
        <translation>据发布者称，运行时约需 {0} GB</translation>
    </message>
    <message>
        <source>{0} free where it goes</source>
        <translation>存放处剩余 {0}</translation>
    </message>
    <message>
        <source>its publisher names none</source>
        <translation>发布者没有注明</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Good for</source>
        <translation>适合</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>显存</translation>
    </message>
    <message>
        <source>On the disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Fetch a model</source>
        <translation>下载模型</translation>
    </message>
    <message>
        <source>Known models</source>
        <translation>已知模型</translation>
    </message>
    <message>
        <source>Or another of Hugging Face</source>
        <translation>或 Hugging Face 上的其他模型</translation>
    </message>
    <message>
        <source>ORGANISATION/REPOSITORY</source>
        <translation>组织/仓库</translation>
    </message>
    <message>
        <source>Repository of Hugging Face</source>
        <translation>Hugging Face 仓库</translation>
    </message>
    <message>
        <source>I have read its licence, and accept it</source>
        <translation>我已阅读并接受其许可证</translation>
    </message>
    <message>
        <source>Weights of half the size (fp16), where there are such</source>
        <translation>优先下载一半大小的权重（fp16）</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>The same on the command line</source>
        <translation>等效的命令行</translation>
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
    <message>
        <source>{number} selected</source>
        <translation>已选 {number} 张</translation>
    </message>
</context>
<context>
    <name>GalleryDesk</name>
    <message>
        <source>They have no tags</source>
        <translation>它们没有标签</translation>
    </message>
    <message>
        <source>Take a tag away</source>
        <translation>去掉标签</translation>
    </message>
    <message numerus="yes">
        <source>From %n picture(s)</source>
        <translation>
            <numerusform>从 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>去掉</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message numerus="yes">
        <source>Taken from %n picture(s): {0}</source>
        <translation>
            <numerusform>已从 %n 张图片去掉：{0}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %n picture(s) to</source>
        <translation>
            <numerusform>将 %n 张图片移到</numerusform>
        </translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) moved</source>
        <translation>
            <numerusform>已移动 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>{0}. This cannot be undone: move them back by hand.</source>
        <translation>{0}。此操作无法撤销，请手动移回。</translation>
    </message>
    <message>
        <source>Not moved</source>
        <translation>未移动</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) copied</source>
        <translation>
            <numerusform>已复制 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Not copied</source>
        <translation>未复制</translation>
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
    <name>InfoLine</name>
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
    <message>
        <source>clear</source>
        <translation>透明</translation>
    </message>
    <message>
        <source>{colour}, {share} % opaque</source>
        <translation>{colour}，不透明度 {share} %</translation>
    </message>
    <message>
        <source>About the picture</source>
        <translation>图片信息</translation>
    </message>
    <message>
        <source>Pixel under the cursor</source>
        <translation>光标下的像素</translation>
    </message>
</context>
<context>
    <name>Insight</name>
    <message>
        <source>Not drawn yet: press F5</source>
        <translation>尚未生成：按 F5</translation>
    </message>
    <message>
        <source>Choose an image in the list</source>
        <translation>在列表中选择一张图</translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation>出错了：{0}</translation>
    </message>
</context>
<context>
    <name>LayoutsMenu</name>
    <message>
        <source>Standard</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>Writing: the description is wide</source>
        <translation>写作：加宽描述</translation>
    </message>
    <message>
        <source>Pictures: the library is large</source>
        <translation>图片：放大素材库</translation>
    </message>
    <message>
        <source>One picture: nothing beside it</source>
        <translation>单图：旁边不放面板</translation>
    </message>
    <message>
        <source>Save this layout…</source>
        <translation>保存当前布局…</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>删除布局</translation>
    </message>
    <message>
        <source>Save this layout</source>
        <translation>保存当前布局</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
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
    <message numerus="yes">
        <source>%n image(s) tagged</source>
        <translation>
            <numerusform>已为 %n 张图片添加标签</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LineList</name>
    <message>
        <source>Draw next</source>
        <translation>下一个生成</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>提前</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>推后</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>移出队列</translation>
    </message>
</context>
<context>
    <name>LitView</name>
    <message>
        <source>Material under a lamp</source>
        <translation>灯光下的材质</translation>
    </message>
    <message>
        <source>Drag the lamp, or move it with the arrows; plus and minus, or the wheel, bring it nearer or take it away, Home puts it back.</source>
        <translation>拖动灯，或用方向键移动；加号、减号或滚轮让灯靠近或远离，Home 键让灯回到原处。</translation>
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
        <source>Your old settings file could not be read; it is kept as {0}</source>
        <translation>旧的设置文件无法读取，已保留为 {0}</translation>
    </message>
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
        <source>Words</source>
        <translation>文字</translation>
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
    <name>MaterialBar</name>
    <message>
        <source>Colour</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>法线</translation>
    </message>
    <message>
        <source>Roughness</source>
        <translation>粗糙度</translation>
    </message>
    <message>
        <source>Metal</source>
        <translation>金属</translation>
    </message>
    <message>
        <source>Occlusion</source>
        <translation>遮蔽</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Packed</source>
        <translation>合并图</translation>
    </message>
    <message>
        <source>Lit sphere</source>
        <translation>打光球体</translation>
    </message>
    <message>
        <source>Lit wall</source>
        <translation>打光墙面</translation>
    </message>
    <message>
        <source>The picture itself</source>
        <translation>图片本身</translation>
    </message>
    <message>
        <source>Which way each spot faces</source>
        <translation>每一处的朝向</translation>
    </message>
    <message>
        <source>Light is rough, dark is polished</source>
        <translation>亮处粗糙，暗处光滑</translation>
    </message>
    <message>
        <source>Light is bare metal</source>
        <translation>亮处是裸露的金属</translation>
    </message>
    <message>
        <source>Dark is hollow</source>
        <translation>暗处凹陷</translation>
    </message>
    <message>
        <source>Light stands out</source>
        <translation>亮处凸起</translation>
    </message>
    <message>
        <source>Occlusion, roughness and metal in red, green and blue</source>
        <translation>遮蔽、粗糙度、金属分别存在红、绿、蓝通道</translation>
    </message>
    <message>
        <source>On a sphere, under a lamp that you drag</source>
        <translation>贴在球体上，灯可以拖动</translation>
    </message>
    <message>
        <source>On a wall, under a lamp that you drag</source>
        <translation>铺在墙面上，灯可以拖动</translation>
    </message>
    <message>
        <source>Maps of the material</source>
        <translation>材质的贴图</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>en</source>
        <comment>the language of error messages</comment>
        <translation>zh</translation>
    </message>
    <message>
        <source>{0}, {1}: {2}</source>
        <translation>{0}，第 {1} 行：{2}</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>{0}. {1}</source>
        <translation>{0}。{1}</translation>
    </message>
</context>
<context>
    <name>ModelDesk</name>
    <message>
        <source>Removed; {0} are free again.</source>
        <translation>已移除，释放了 {0}。</translation>
    </message>
    <message>
        <source>Removed.</source>
        <translation>已移除。</translation>
    </message>
    <message>
        <source>Comparing {0}</source>
        <translation>正在校验 {0}</translation>
    </message>
    <message>
        <source>Asking for {0}</source>
        <translation>正在查询 {0}</translation>
    </message>
    <message>
        <source>Fetching {0}</source>
        <translation>正在下载 {0}</translation>
    </message>
    <message>
        <source>Folder of a model</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Reading {0}</source>
        <translation>正在读取 {0}</translation>
    </message>
    <message>
        <source>File of a model</source>
        <translation>模型文件</translation>
    </message>
    <message>
        <source>Asking {0}</source>
        <translation>正在询问 {0}</translation>
    </message>
    <message>
        <source>Something else is done with models: {0}</source>
        <translation>正在处理其他模型任务：{0}</translation>
    </message>
    <message>
        <source>{0} is here. Descriptions name it so: {1}</source>
        <translation>{0} 已就绪。在描述中这样写：{1}</translation>
    </message>
</context>
<context>
    <name>ModelLight</name>
    <message>
        <source>Model asleep</source>
        <translation>模型休眠中</translation>
    </message>
    <message>
        <source>Model waking</source>
        <translation>模型唤醒中</translation>
    </message>
    <message>
        <source>Model ready</source>
        <translation>模型就绪</translation>
    </message>
    <message>
        <source>Model at work</source>
        <translation>模型工作中</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>It leaves the memory when it has had nothing to do for some minutes</source>
        <translation>几分钟没有任务时，模型会离开内存</translation>
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
        <source>makes images</source>
        <translation>生成图片</translation>
    </message>
    <message>
        <source>reads images</source>
        <translation>描述图片</translation>
    </message>
    <message>
        <source>answers questions about images</source>
        <translation>回答关于图片的问题</translation>
    </message>
    <message>
        <source>changes images</source>
        <translation>修改图片</translation>
    </message>
    <message>
        <source>makes seamless textures</source>
        <translation>生成无缝纹理</translation>
    </message>
    <message>
        <source>sprites, characters, items, tiles and simple landscapes at 32 to 64 pixels</source>
        <translation>32 到 64 像素的精灵图、角色、物品、图块和简单风景</translation>
    </message>
    <message>
        <source>photographs, large pictures, writing in pictures, real people</source>
        <translation>照片、大幅图片、图中文字、真实人物</translation>
    </message>
    <message>
        <source>the edges of seamless textures are blended</source>
        <translation>融合无缝纹理的边缘</translation>
    </message>
    <message>
        <source>backgrounds are taken away after drawing</source>
        <translation>绘制后去除背景</translation>
    </message>
    <message>
        <source>images are scaled to the wanted size</source>
        <translation>把图像缩放到所需大小</translation>
    </message>
    <message>
        <source>drawing at 384 px and reading images with one small model</source>
        <translation>用一个小模型以 384 像素绘图并识图</translation>
    </message>
    <message>
        <source>drawing at 384 px and reading images, better than the small one</source>
        <translation>以 384 像素绘图并识图，优于小模型</translation>
    </message>
    <message>
        <source>one plain sentence an image, also without a graphics card</source>
        <translation>每张图一句简单描述，没有显卡也可用</translation>
    </message>
    <message>
        <source>one plain sentence an image, better than the small one</source>
        <translation>每张图一句简单描述，优于小模型</translation>
    </message>
    <message>
        <source>short and detailed captions from a small model</source>
        <translation>小模型，可写简短或详细的描述</translation>
    </message>
    <message>
        <source>short and detailed captions</source>
        <translation>可写简短或详细的描述</translation>
    </message>
    <message>
        <source>captions and questions on the smallest machines</source>
        <translation>在最小的机器上描述和问答</translation>
    </message>
    <message>
        <source>captions and questions on small machines</source>
        <translation>在小型机器上描述和问答</translation>
    </message>
    <message>
        <source>captions, tags and questions in English and Chinese</source>
        <translation>中英文描述、标签和问答</translation>
    </message>
    <message>
        <source>captions, tags and questions in English and Chinese, in more detail</source>
        <translation>更详细的中英文描述、标签和问答</translation>
    </message>
    <message>
        <source>textures and pictures at 512 px on older cards, with many styles (LoRA) to choose from</source>
        <translation>在旧显卡上绘制 512 像素的纹理和图像，有许多风格（LoRA）可选</translation>
    </message>
    <message>
        <source>textures and characters at 1024 px</source>
        <translation>1024 像素的纹理和角色</translation>
    </message>
    <message>
        <source>drafts at 512 px in one to four steps; its licence limits commercial use</source>
        <translation>一到四步绘出 512 像素的草图；其许可证限制商业用途</translation>
    </message>
    <message>
        <source>detailed pictures at 1024 px in four steps</source>
        <translation>四步绘出 1024 像素的精细图像</translation>
    </message>
    <message>
        <source>detailed pictures in eight steps, from English and Chinese words</source>
        <translation>八步绘出精细图像，支持中英文描述</translation>
    </message>
    <message>
        <source>pictures with writing in them, from English and Chinese words</source>
        <translation>带文字的图像，支持中英文描述</translation>
    </message>
    <message>
        <source>Captioner</source>
        <translation>识图模型</translation>
    </message>
    <message>
        <source>ComfyUI server</source>
        <translation>ComfyUI 服务器</translation>
    </message>
    <message>
        <source>{0} on disk</source>
        <translation>磁盘占用 {0}</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>移到回收站</translation>
    </message>
    <message>
        <source>Remove it</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>{0} seconds an image</source>
        <translation>每张 {0} 秒</translation>
    </message>
    <message>
        <source>Not measured yet: it has drawn nothing here</source>
        <translation>尚未测量：还没在这里生成过图片</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) of your own</source>
        <translation>
            <numerusform>你自己的 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Good for</source>
        <translation>适合</translation>
    </message>
    <message>
        <source>Not for</source>
        <translation>不适合</translation>
    </message>
    <message>
        <source>The studio helps</source>
        <translation>由工作室补足</translation>
    </message>
    <message>
        <source>In descriptions</source>
        <translation>在描述中</translation>
    </message>
    <message>
        <source>Draws at</source>
        <translation>生成尺寸</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>磁盘占用</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>显存</translation>
    </message>
    <message>
        <source>Taught with</source>
        <translation>学习素材</translation>
    </message>
    <message>
        <source>Taught on</source>
        <translation>所基于的版本</translation>
    </message>
    <message>
        <source>Used by</source>
        <translation>被使用于</translation>
    </message>
    <message>
        <source>no style yet</source>
        <translation>还没有风格使用</translation>
    </message>
    <message>
        <source>Fetched from</source>
        <translation>下载自</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>选项</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>about {0} GB while it works, its publisher says</source>
        <translation>据发布者称，运行时约需 {0} GB</translation>
    </message>
    <message>
        <source>Comes with the studio</source>
        <translation>随软件提供</translation>
    </message>
    <message>
        <source>A style that was taught here</source>
        <translation>在这里训练的风格</translation>
    </message>
    <message>
        <source>{0}, on this machine</source>
        <translation>{0}，在本机</translation>
    </message>
    <message>
        <source>Another model</source>
        <translation>其他模型</translation>
    </message>
    <message>
        <source>Move this style and its sheet of samples to the trash?</source>
        <translation>把这个风格和它的样张移到回收站？</translation>
    </message>
    <message>
        <source>Forget this model, and free what was fetched for it alone?</source>
        <translation>移除此模型，并释放只为它下载的文件？</translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Teach the style again.</source>
        <translation>损坏或缺失：{0}。请重新训练这个风格。</translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Fetch the model again.</source>
        <translation>损坏或缺失：{0}。请重新下载模型。</translation>
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
        <source>Keep it</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>What it draws on, how many at once, how long it stays</source>
        <translation>用什么设备、一次多少张、保留多久</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Fetch a model…</source>
        <translation>下载模型…</translation>
    </message>
    <message>
        <source>Known models, with their licences and sizes</source>
        <translation>已知模型及其许可证和大小</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>A model that is on this machine already</source>
        <translation>本机已有的模型</translation>
    </message>
    <message>
        <source>Add a file…</source>
        <translation>添加文件…</translation>
    </message>
    <message>
        <source>A .safetensors checkpoint of SD 1.5 or SDXL, as from Civitai or for A1111</source>
        <translation>SD 1.5 或 SDXL 的 .safetensors 检查点，例如来自 Civitai 或用于 A1111 的文件</translation>
    </message>
    <message>
        <source>Add a ComfyUI server…</source>
        <translation>添加 ComfyUI 服务器…</translation>
    </message>
    <message>
        <source>Draw with a ComfyUI that runs here or elsewhere</source>
        <translation>用本机或别处运行的 ComfyUI 绘制</translation>
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
</context>
<context>
    <name>MoveDialog</name>
    <message>
        <source>Move {0}</source>
        <translation>移动 {0}</translation>
    </message>
    <message numerus="yes">
        <source>Move %n images</source>
        <translation>
            <numerusform>移动 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>移动到文件夹</translation>
    </message>
    <message>
        <source>Description, pictures and words go together. Undo brings them back.</source>
        <translation>描述、图片和文字会一起移动，可以撤销。</translation>
    </message>
    <message>
        <source>A folder of the project, or a new one</source>
        <translation>项目中的文件夹，也可以是新的</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished">文件夹</translation>
    </message>
    <message>
        <source>Folders of the project</source>
        <translation>项目的文件夹</translation>
    </message>
    <message>
        <source>Top of the project</source>
        <translation>项目根目录</translation>
    </message>
    <message>
        <source>Keep the kind and style that they have here</source>
        <translation>保留它们在这里的类型和风格</translation>
    </message>
    <message>
        <source>Change the files of the game that name them</source>
        <translation>同时修改引用它们的游戏文件</translation>
    </message>
    <message>
        <source>Move</source>
        <translation type="unfinished">移动</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">取消</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) will be moved.</source>
        <translation>
            <numerusform>将移动 %n 个文件。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) will be drawn anew there: {0}</source>
        <translation>
            <numerusform>有 %n 张图片会在那里重新绘制：{0}</numerusform>
        </translation>
    </message>
    <message>
        <source>Named by: {0}</source>
        <translation>引用它们的文件：{0}</translation>
    </message>
</context>
<context>
    <name>NameDelegate</name>
    <message>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
</context>
<context>
    <name>NewProjectDialog</name>
    <message>
        <source>My game</source>
        <translation>我的游戏</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>新建项目</translation>
    </message>
    <message>
        <source>What do you want to begin with?</source>
        <translation>从什么开始？</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Folder</source>
        <translation>文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>The game&apos;s name</source>
        <translation>游戏名称</translation>
    </message>
    <message>
        <source>Folder in which the project&apos;s folder is made</source>
        <translation>在此文件夹中创建项目文件夹</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>创建</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Will be made: {0}</source>
        <translation>将创建：{0}</translation>
    </message>
    <message>
        <source>Give it a name and a folder.</source>
        <translation>请填写名称和文件夹。</translation>
    </message>
    <message>
        <source>Folder for the project</source>
        <translation>项目所在的文件夹</translation>
    </message>
</context>
<context>
    <name>Notifications</name>
    <message numerus="yes">
        <source>%n image(s) drawn</source>
        <translation>
            <numerusform>已生成 %n 张图</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be drawn</source>
        <translation>
            <numerusform>%n 张无法生成</numerusform>
        </translation>
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
        <source>All frames</source>
        <translation>全部帧</translation>
    </message>
    <message>
        <source>Show the whole sheet</source>
        <translation>显示整张图集</translation>
    </message>
    <message>
        <source>Whole sheet</source>
        <translation>整张图集</translation>
    </message>
    <message>
        <source>What is played</source>
        <translation>播放哪一段</translation>
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
        <source>being drawn</source>
        <translation>正在生成</translation>
    </message>
    <message>
        <source>Choose an image in the list</source>
        <translation>在列表中选择一张图</translation>
    </message>
</context>
<context>
    <name>ProjectFiles</name>
    <message>
        <source>Variants</source>
        <translation>变体</translation>
    </message>
    <message>
        <source>How many pictures to choose from?</source>
        <translation>要画几张供选择？</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>绘制</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Copied: {0}</source>
        <translation>已复制：{0}</translation>
    </message>
    <message>
        <source>Renamed: {0}</source>
        <translation>已重命名：{0}</translation>
    </message>
    <message>
        <source>Moved: {0}</source>
        <translation>已移动：{0}</translation>
    </message>
    <message>
        <source>Duplicated: {0}</source>
        <translation>已制作副本：{0}</translation>
    </message>
    <message>
        <source>In the trash: {0}</source>
        <translation>已移到回收站：{0}</translation>
    </message>
    <message>
        <source>Locked: {0}</source>
        <translation>已锁定：{0}</translation>
    </message>
    <message>
        <source>Unlocked: {0}</source>
        <translation>已解锁：{0}</translation>
    </message>
    <message>
        <source>Variants of {0}</source>
        <translation>{0} 的变体</translation>
    </message>
    <message>
        <source>These files of the game name it by its old place:</source>
        <translation>游戏中的这些文件仍使用它原来的位置：</translation>
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
        <translation>筛选项目图像</translation>
    </message>
    <message>
        <source>Words of names and descriptions; state:stale for a state</source>
        <translation>名称和描述中的词；用 state:stale 按状态筛选</translation>
    </message>
    <message>
        <source>Filter by state</source>
        <translation>按状态筛选</translation>
    </message>
    <message>
        <source>Show only images in some states</source>
        <translation>只显示某些状态的图像</translation>
    </message>
    <message>
        <source>Images of the project</source>
        <translation>项目图像</translation>
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
    <message>
        <source>not made here</source>
        <translation>不是在此绘制</translation>
    </message>
</context>
<context>
    <name>Questions</name>
    <message>
        <source>Pictures are being described. Ask again when that is done.</source>
        <translation>正在描述图片。完成后请再提问。</translation>
    </message>
    <message>
        <source>(It said nothing.)</source>
        <translation>（没有回答。）</translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation>出了点问题：{0}</translation>
    </message>
    <message>
        <source>Its description is not open any more</source>
        <translation>它的描述已不再打开</translation>
    </message>
    <message>
        <source>It stands in the description now. Save to draw it, or undo.</source>
        <translation>已写入描述。保存后即会绘制，也可以撤销。</translation>
    </message>
</context>
<context>
    <name>QueueDelegate</name>
    <message>
        <source>Draw again</source>
        <translation>重新生成</translation>
    </message>
</context>
<context>
    <name>QueueList</name>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>Waiting for {0}</source>
        <translation>正在等待 {0}</translation>
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
    <message>
        <source>Draw again what failed</source>
        <translation>重新生成失败的图</translation>
    </message>
    <message>
        <source>Images that wait</source>
        <translation>等待中的图</translation>
    </message>
    <message>
        <source>The image being drawn</source>
        <translation>正在生成的图</translation>
    </message>
    <message>
        <source>Nothing waits</source>
        <translation>没有等待的图</translation>
    </message>
    <message>
        <source>What is drawn will be listed here</source>
        <translation>生成的图会列在这里</translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) wait</source>
        <translation>
            <numerusform>%n 张图在等待</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{0} and %n more</source>
        <translation>
            <numerusform>{0} 和另外 %n 张</numerusform>
        </translation>
    </message>
    <message>
        <source>then pause</source>
        <translation>完成后暂停</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Getting ready to draw</source>
        <translation>准备生成</translation>
    </message>
    <message>
        <source>Every image fits its words</source>
        <translation>每张图都与文字一致</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>还剩 %n 秒</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>还剩 %n 分钟</numerusform>
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
        <source>Waiting {0}</source>
        <translation>等待 {0}</translation>
    </message>
    <message>
        <source>Done {0}</source>
        <translation>已完成 {0}</translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n 张失败</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on drawing</source>
        <translation>继续生成</translation>
    </message>
    <message>
        <source>Pause drawing</source>
        <translation>暂停生成</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
    <message>
        <source>{0}: this folder is gone</source>
        <translation>{0}：文件夹已不存在</translation>
    </message>
    <message>
        <source>gone from {0}</source>
        <translation>已不在 {0}</translation>
    </message>
    <message>
        <source>Take off this list</source>
        <translation>从列表中移除</translation>
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
    <name>ResultList</name>
    <message>
        <source>Draw again</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>清空列表</translation>
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
    <message>
        <source>{0}.</source>
        <translation>{0}。</translation>
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
    <message>
        <source>Earlier searches</source>
        <translation>以前的搜索</translation>
    </message>
    <message>
        <source>Forget them</source>
        <translation>清空记录</translation>
    </message>
</context>
<context>
    <name>ServerDialog</name>
    <message>
        <source>Asking the server…</source>
        <translation>正在询问服务器……</translation>
    </message>
    <message>
        <source>Exported workflow</source>
        <translation>导出的工作流</translation>
    </message>
    <message>
        <source>Add a ComfyUI server</source>
        <translation>添加 ComfyUI 服务器</translation>
    </message>
    <message>
        <source>ComfyUI draws there; the studio sends words and takes the pictures. Several addresses, with spaces between, share the work.</source>
        <translation>由 ComfyUI 绘制；工作室发送文字并取回图像。可填多个地址（用空格分隔）来分担工作。</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Name in descriptions</source>
        <translation>描述中的名称</translation>
    </message>
    <message>
        <source>Checkpoint there</source>
        <translation>服务器上的检查点</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>工作流</translation>
    </message>
    <message>
        <source>The only one that it has</source>
        <translation>其唯一的检查点</translation>
    </message>
    <message>
        <source>The studio&apos;s own</source>
        <translation>工作室自带</translation>
    </message>
    <message>
        <source>A file of ComfyUI&apos;s Export (API)</source>
        <translation>ComfyUI 用 Export (API) 导出的文件</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
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
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Automatic: {0}</source>
        <translation>自动：{0}</translation>
    </message>
    <message>
        <source>{0}, not found here</source>
        <translation>{0}，这里没有</translation>
    </message>
    <message>
        <source>{0} GB</source>
        <translation>{0} GB</translation>
    </message>
    <message>
        <source>{0} GB, {1} GB free</source>
        <translation>{0} GB，空闲 {1} GB</translation>
    </message>
    <message>
        <source>The open project says: {0}. That applies to it.</source>
        <translation>打开的项目设定为：{0}。对该项目以此为准。</translation>
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
        <source>Images finished at once; 0: one a core, beside a window one in all</source>
        <translation>同时后处理的图片数；0 为每核一张，打开窗口时共一张</translation>
    </message>
    <message>
        <source>As the studio likes</source>
        <translation>由软件决定</translation>
    </message>
    <message>
        <source>What the model runs on</source>
        <translation>模型在什么设备上运行</translation>
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
</context>
<context>
    <name>ShortcutModel</name>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Changed; it comes with: {0}</source>
        <translation>已修改；原来是：{0}</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>New keys for: {0}</source>
        <translation>新按键：{0}</translation>
    </message>
    <message>
        <source>{0} means: {1}. Shall it mean this instead?</source>
        <translation>{0} 已用于：{1}。改用于这个命令吗？</translation>
    </message>
    <message>
        <source>Give every command the keys it came with?</source>
        <translation>把所有命令的按键恢复原样？</translation>
    </message>
    <message>
        <source>Press the keys that shall mean this command.</source>
        <translation>按下要用于这个命令的按键。</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Find a command or its keys</source>
        <translation>查找命令或按键</translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation>命令及其按键</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>不用按键</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>全部重置</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>No</source>
        <translation>否</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
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
    <name>TagChips</name>
    <message>
        <source>and {0} rarer ones</source>
        <translation>另有 {0} 个较少见的</translation>
    </message>
    <message>
        <source>By hand</source>
        <translation>手写</translation>
    </message>
    <message>
        <source>From files</source>
        <translation>来自文件</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>From names</source>
        <translation>来自名称</translation>
    </message>
    <message>
        <source>{0} sure</source>
        <translation>把握 {0}</translation>
    </message>
    <message>
        <source>on {0} of {1} pictures</source>
        <translation>{1} 张中的 {0} 张</translation>
    </message>
    <message>
        <source>Click to give it to all of them, cross or Delete takes it away</source>
        <translation>点击加到全部图片，点叉或按 Delete 移除</translation>
    </message>
    <message>
        <source>Cross or Delete takes it away</source>
        <translation>点叉或按 Delete 移除</translation>
    </message>
    <message>
        <source>Click to keep it as your own, cross or Delete takes it away</source>
        <translation>点击保留为手写标签，点叉或按 Delete 移除</translation>
    </message>
</context>
<context>
    <name>Templates</name>
    <message>
        <source>Dungeon game</source>
        <translation>地牢游戏</translation>
    </message>
    <message>
        <source>Heroes, monsters, items, tiles and scenes to play with</source>
        <translation>英雄、怪物、物品、图块和场景，可以随意修改</translation>
    </message>
    <message>
        <source>Sprites</source>
        <translation>精灵</translation>
    </message>
    <message>
        <source>Characters, monsters and items on clear ground</source>
        <translation>透明背景的角色、怪物和物品</translation>
    </message>
    <message>
        <source>Tiles and backgrounds</source>
        <translation>图块与背景</translation>
    </message>
    <message>
        <source>Textures that repeat without a seam, and wide scenes</source>
        <translation>可无缝重复的纹理和宽幅场景</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>空白</translation>
    </message>
    <message>
        <source>One description to begin with</source>
        <translation>只有一个描述</translation>
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
        <source>Why this picture</source>
        <translation>为何如此</translation>
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
        <source>See where each word acted, and what the model took after</source>
        <translation>查看每个词作用在哪里，以及模型参考了什么</translation>
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
        <source>New project…</source>
        <translation>新建项目…</translation>
    </message>
    <message>
        <source>Open the example</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>模型…</translation>
    </message>
    <message>
        <source>or drop a project&apos;s folder anywhere in this window</source>
        <translation>或将项目文件夹拖放到此窗口</translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>The models on this machine, and how to get more</source>
        <translation>这台电脑上的模型，以及如何获取更多</translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation>最近的项目</translation>
    </message>
</context>
<context>
    <name>WhyBar</name>
    <message>
        <source>little</source>
        <translation>弱</translation>
    </message>
    <message>
        <source>much</source>
        <translation>强</translation>
    </message>
    <message>
        <source>Dark is little, light is much</source>
        <translation>暗处作用弱，亮处作用强</translation>
    </message>
    <message>
        <source>Words of the description</source>
        <translation>描述里的词</translation>
    </message>
    <message>
        <source>{word}: acted with up to {share} %</source>
        <translation>{word}：作用最强处 {share} %</translation>
    </message>
    <message>
        <source>read as “{english}”</source>
        <translation>读作“{english}”</translation>
    </message>
    <message>
        <source>a word of the style</source>
        <translation>来自风格的词</translation>
    </message>
    <message>
        <source>Asking the model…</source>
        <translation>正在询问模型…</translation>
    </message>
    <message>
        <source>This model cannot say where words acted</source>
        <translation>这个模型说不出各个词作用在哪里</translation>
    </message>
    <message>
        <source>The model does not know: {words}</source>
        <translation>模型不认识：{words}</translation>
    </message>
    <message>
        <source>Read as: {words}</source>
        <translation>读作：{words}</translation>
    </message>
    <message>
        <source>Looked up: {names}</source>
        <translation>参考了：{names}</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <translation>“{name}”</translation>
    </message>
    <message>
        <source>“{name}” ({share} %)</source>
        <translation>“{name}”（{share} %）</translation>
    </message>
    <message>
        <source>Not drawn yet: the heat lies over what would be drawn.</source>
        <translation>尚未生成：热度图画在将要生成的图上。</translation>
    </message>
    <message>
        <source>Painted by hand since: the heat lies over a fresh drawing.</source>
        <translation>图片被手工改过：热度图画在重新生成的图上。</translation>
    </message>
    <message>
        <source>Drawn from older words: the heat lies over a fresh drawing.</source>
        <translation>图片出自旧的描述：热度图画在重新生成的图上。</translation>
    </message>
    <message>
        <source>An edit of an older picture: the heat lies over a fresh drawing.</source>
        <translation>图片由旧图修改而来：热度图画在重新生成的图上。</translation>
    </message>
    <message>
        <source>Drawn in another way: the heat lies over a fresh drawing.</source>
        <translation>图片以别的方式生成：热度图画在重新生成的图上。</translation>
    </message>
</context>
<context>
    <name>WorkBar</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Stop; what has come stays, and is gone on from</source>
        <translation>停止；已下载的部分保留，下次继续</translation>
    </message>
    <message>
        <source>Stop what is done with models</source>
        <translation>停止模型任务</translation>
    </message>
    <message>
        <source>How far it is</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>_Rows</name>
    <message>
        <source>being drawn</source>
        <translation>正在生成</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>已生成</translation>
    </message>
    <message>
        <source>was up to date</source>
        <translation>原本就是最新</translation>
    </message>
    <message>
        <source>could not be drawn</source>
        <translation>无法生成</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
</context>
</TS>
