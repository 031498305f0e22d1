@tool
extends RefCounted
## The addon's words in the editor's language: English as written in the code, Simplified Chinese
## from this table. Terms as Godot's own Chinese editor has them.

const ZH: Dictionary[String, String] = {
	"%d drawn, %d failed": "已绘制 %d 张，失败 %d 张",
	"%d files, read only": "%d 个文件，只读",
	"'%s' was changed elsewhere meanwhile: Revert shows that, and drops your words.":
	"“%s”已在别处更改：点“还原”查看新内容，您的文字将被丢弃。",
	"All": "全部",
	"Back to the text of the file": "恢复为文件中的文字",
	"Cancel": "取消",
	"Change %s": "更改 %s",
	"Connect": "连接",
	"Connect again": "重新连接",
	"Create": "创建",
	"Describe": "描述",
	"Description": "描述",
	"Descriptions": "描述",
	"Draw it anew from nothing, even if it is up to date": "从头重新绘制，即使已是最新",
	"Draw it where it is not up to date": "若不是最新则绘制",
	"Edit Description": "编辑描述",
	"Everything is up to date: nothing to draw.": "全部已是最新，无需绘制。",
	"Filter": "筛选",
	"Generate": "生成",
	"Generate all that is not up to date": "生成所有过期的图像",
	"Have several to choose from": "生成多张供选择",
	"It is up to date: nothing to draw.": "已是最新，无需绘制。",
	"Library": "素材库",
	"Line %d: %s": "第 %d 行：%s",
	"Lock": "锁定",
	"Lock %s": "锁定 %s",
	"Look for the service again, and start it where none runs": "重新查找服务，没有则启动",
	"Looking at %s...": "正在查看 %s……",
	"Made %s.": "已创建 %s。",
	"Make Material": "创建材质",
	"Make SpriteFrames": "创建 SpriteFrames",
	"Make TileSet": "创建 TileSet",
	"More": "更多",
	"Never draw it again: hand-painted work stays": "不再绘制：保留手绘的内容",
	"New description...": "新建描述……",
	"No descriptions in this project.": "此项目中没有描述。",
	"No descriptions yet: make one with the menu above.": "还没有描述：可用上方菜单新建。",
	"Nothing fits the filter.": "没有符合筛选条件的图像。",
	"Nothing was found.": "没有找到。",
	"Nothing was made: the image is not imported yet.": "未创建：图像尚未导入。",
	"Only images that stand so": "仅显示此状态的图像",
	"Regenerate": "重新生成",
	"Revert": "还原",
	"Save": "保存",
	"Save or revert '%s' first.": "请先保存或还原“%s”。",
	"Search the library": "搜索素材库",
	"Show new images in the running game": "在运行的游戏中显示新图像",
	"Starting the service...": "正在启动服务……",
	"Stop drawing; what is done stays": "停止绘制；已完成的保留",
	(
		"The llamavis program was not found: install it with 'pip install llamavis-studio',"
		+ " or set its path in Editor Settings > Llamavis > Program."
	):
	"找不到 llamavis 程序：请运行“pip install llamavis-studio”安装，" + "或在“编辑器设置 > Llamavis > Program”中指定路径。",
	"The model knows nothing like it; read its words as a guess.": "模型没有见过类似的图像，文字仅供参考。",
	"The project is being opened...": "正在打开项目……",
	"The service is newer than this addon: run 'llamavis plugin install godot'.":
	"服务比此插件新：请运行“llamavis plugin install godot”。",
	"The service is not running: it cannot look at the image.": "服务未运行，无法查看图像。",
	"The service is not running: nothing was written.": "服务未运行，没有写入任何内容。",
	"The service is not running: start it with Connect.": "服务未运行：点“连接”启动。",
	"The service is older than this addon: update LlamaVis Studio.": "服务比此插件旧：请更新 LlamaVis Studio。",
	"The service refuses the token of .llamavis/service.json: end it and start it anew.":
	"服务拒绝了 .llamavis/service.json 中的令牌：请结束服务并重新启动。",
	"This project has no llamavis.toml yet.": "此项目还没有 llamavis.toml。",
	(
		"This project wants to say which program is started, so none is:"
		+ " take the lines %s... out of it."
	):
	"此项目想指定要启动的程序，因此没有启动任何程序：请从项目中删除 %s… 各行。",
	"Type words and press Enter: 'mossy stone', kind:sprite, tag:tree...":
	"输入文字并按回车：“长苔的石头”、kind:sprite、tag:tree……",
	"Unlock": "解锁",
	"Unlock %s": "解锁 %s",
	"Variant %d: click keeps this one": "变体 %d：点击保留这一张",
	"Variants": "变体",
	"Where to look: described images, or everything by its meaning": "查找范围：有描述的图像，或按含义查找全部图像",
	"Write a llamavis.toml: this game has described images then": "写入 llamavis.toml：之后即可在此游戏中描述图像",
	"Write the description (Ctrl+S); its images are drawn anew": "写入描述（Ctrl+S）；相应图像会重新绘制",
	"about %d s left": "约剩 %d 秒",
	"drawn by %s": "由 %s 绘制",
	"edited": "已手改",
	"failed": "失败",
	"fresh": "最新",
	"llamavis ended at once (code %d): 'llamavis serve' in a terminal says why.":
	"llamavis 启动后立即退出（代码 %d）：在终端运行“llamavis serve”可查看原因。",
	"locked": "已锁定",
	"missing": "缺失",
	"stale": "过期",
	"unmanaged": "未管理",
}


## The text in the editor's language.
static func of(text: String) -> String:
	if TranslationServer.get_tool_locale().begins_with("zh"):
		return ZH.get(text, text)
	return text
