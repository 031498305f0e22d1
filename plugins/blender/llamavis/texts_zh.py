# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts in Simplified Chinese."""

ZH: dict[str, str] = {
    "'{name}' is in the text editor": "“{name}”已在文本编辑器中打开",
    "A figure on a clear ground": "透明背景上的人物",
    "A style of the project, or empty": "项目中的一种风格，可留空",
    "A texture with normal, roughness and other maps": "带法线、粗糙度等贴图的纹理",
    "A thing on a clear ground": "透明背景上的物体",
    "A thing to be held, on a clear ground": "透明背景上的可持物品",
    "A wide picture": "宽幅画面",
    "Add as Plane": "添加为平面",
    "Again": "再画一次",
    "All": "全部",
    "An image cannot be read: {why}": "图像无法读取：{why}",
    "Author": "作者",
    "Background": "背景",
    "Box": "方框",
    "Bring a description's images into the scene: a material, or a plane with a sprite": (
        "把描述的图像放进场景：材质，或带精灵图的平面"
    ),
    "Build Material": "生成材质",
    "Bump": "凹凸",
    "By the mesh's own UV map": "按网格自己的 UV 贴图",
    "Cancel": "取消",
    "Character": "角色",
    "Choose the folder of a game project, or save the .blend file in one": (
        "请选择游戏项目的文件夹，或把 .blend 文件存到项目中"
    ),
    "Choose the project's folder first": "请先选择项目的文件夹",
    "Describe": "识图",
    "Described": "识图完成",
    "Description": "描述",
    "Descriptions": "描述列表",
    "Descriptions in any state": "任何状态的描述",
    "Displacement": "置换",
    "Draw what is out of date or missing; with a description selected, only its images": (
        "绘制过期或缺少的图像；选中描述时只绘制它的图像"
    ),
    "Draw over what was painted by hand?": "要覆盖手工修改的内容吗？",
    "Drawing": "正在绘制",
    "Drawn by {name}": "由 {name} 绘制",
    "Edit as Text": "作为文本编辑",
    "Edited by hand": "手工修改过",
    "Every": "间隔",
    "Everything in the project that is out of date": "项目中所有过期的图像",
    "Failed": "失败",
    "Filter": "筛选",
    "Folder": "文件夹",
    "Frames": "帧数",
    "From Nothing": "从零开始",
    "From six sides: for meshes that are not unwrapped": "从六个面投影：用于没有展开 UV 的网格",
    "From the folder": "按文件夹",
    "From the front": "正面",
    "Front, right, back, left": "前、右、后、左",
    "Generate": "生成",
    "Generate All": "全部生成",
    "Give it to what is selected": "赋给选中的物体",
    "Go to Description": "转到描述",
    "Have several images of this description to choose from": "为此描述画几张图以供挑选",
    "Height": "高度",
    "How many to choose from": "供挑选的张数",
    "Image": "图像",
    "Images to draw: {count}": "待绘制图像：{count}",
    "In the Scene": "在场景中",
    "In the project; empty: its root": "项目内的文件夹；留空则为项目根目录",
    "In the project; empty: the one that is shown": "项目内的图像；留空则为当前显示的图像",
    "Item": "物品",
    "Keep": "选用",
    "Keep this variant; the description says so": "选用这张变体，并写入描述",
    "Kept": "已选用",
    "Kind": "类型",
    "Licence": "许可",
    "Line {line}: {message}": "第 {line} 行：{message}",
    "LlamaVis Description": "LlamaVis 描述",
    "LlamaVis Description (.desc.toml)": "LlamaVis 描述 (.desc.toml)",
    "Lock": "锁定",
    "Locked": "已锁定",
    "Look Down": "俯视角度",
    "Looking at {name}...": "正在看 {name}……",
    "Looking for the studio...": "正在寻找工作室……",
    "Make a material of the description's images, or bring it up to date": (
        "用描述的图像生成材质，或更新已有的材质"
    ),
    "Make the description's material, or its image, an asset with tags, words and catalog": (
        "把描述的材质或图像标记为资产，并带上标签、文字和目录"
    ),
    "Mapping": "映射",
    "Mark as Asset": "标记为资产",
    "Material": "材质",
    "Name": "名称",
    "Name the llamavis program in the add-on's preferences first": (
        "请先在插件的偏好设置中指定 llamavis 程序"
    ),
    "Name the llamavis program in the preferences, or run in the project's folder:": (
        "请在插件的偏好设置中指定 llamavis 程序，或在项目文件夹中运行："
    ),
    "Never draw these images again, or let them be drawn again": "不再重画这些图像，或允许重画",
    "Never drawn again": "不再重画",
    "No description": "没有描述",
    "No description asks for this image": "没有描述要求这张图像",
    "No image of a file is shown": "没有显示来自文件的图像",
    "Not drawn yet": "尚未绘制",
    "Nothing found": "没有找到",
    "Nothing to draw: all is up to date": "无需绘制：全部是最新的",
    "Off": "关闭",
    "Online access is off; that is fine: only this computer is spoken to": (
        "在线访问已关闭，没有关系：只与本机通信"
    ),
    "Only this computer is spoken to, at 127.0.0.1": "只与本机通信 (127.0.0.1)",
    "Open the whole description as a text in Blender's text editor": (
        "在 Blender 的文本编辑器中打开整个描述"
    ),
    "Out of date": "已过期",
    "Packed into this .blend file: it does not follow the project": (
        "已打包进此 .blend 文件：不会随项目更新"
    ),
    "Pixels": "像素",
    "Pixels of the finished image": "成品图像的像素尺寸",
    "Pixels per Metre": "每米像素数",
    "Project": "项目",
    "Put the description's image into the scene as a plane with alpha and hard pixels": (
        "把描述的图像作为带透明、像素分明的平面放进场景"
    ),
    "Read the description anew; what was typed here and not saved is gone": (
        "重新读取描述；此处未保存的输入会丢失"
    ),
    "Regenerate": "重新生成",
    "Reload": "重新读取",
    "Reload it, then make your change again": "请重新读取，然后再次修改",
    "Render to Sprites": "渲染为精灵图",
    "Render what is selected from all sides into PNGs and a sheet with an Aseprite table": (
        "从各个方向渲染选中物体，得到 PNG、精灵表和 Aseprite 数据"
    ),
    "Rendered {count} files": "已渲染 {count} 个文件",
    "Repeats without a seam": "无缝重复",
    "Run this program when a project is opened and its studio is not running": (
        "打开项目而工作室未运行时，启动此程序"
    ),
    "Save": "保存",
    "Save Description": "保存描述",
    "Save the .blend file to give the asset its catalog": "保存 .blend 文件后资产才有目录",
    "Saved": "已保存",
    "Say what is in an image of the project: words and tags": "说出项目图像的内容：文字和标签",
    "Scene frames per sprite frame": "每个精灵帧对应的场景帧数",
    "Search": "搜索",
    "Search the project's library by words": "用文字搜索项目的图库",
    "Search the project's library; words, tag:, kind:, color: and more": (
        "搜索项目的图库；可用文字、tag:、kind:、color: 等"
    ),
    "Select a description first": "请先选择一个描述",
    "Select the description of this image": "选择这张图像的描述",
    "Selected": "选中的",
    "Set Texel Density": "设置纹素密度",
    "Set the material's scale so that a metre of the active object holds so many texels": (
        "设置材质的缩放，使活动物体每米有这么多纹素"
    ),
    "Show descriptions in this state": "显示此状态的描述",
    "Show descriptions with all of these words": "显示包含所有这些词的描述",
    "Sides": "方向数",
    "Size": "尺寸",
    "Somebody changed the description meanwhile; nothing was overwritten": (
        "描述已被别人修改；没有覆盖任何内容"
    ),
    "Somebody painted on the image: it is never overwritten unasked": (
        "图像被手工修改过：未经要求不会覆盖"
    ),
    "Sprite": "精灵图",
    "Start the Studio": "启动工作室",
    "Start the program of the preferences for this project": "为此项目启动偏好设置中的程序",
    "Start the studio with a project": "随项目启动工作室",
    "Starting the studio...": "正在启动工作室……",
    "State": "状态",
    "Stop what is being drawn; finished images stay": "停止绘制；已完成的图像保留",
    "Stopped": "已停止",
    "Style": "风格",
    "Texels per Metre": "每米纹素数",
    "Text": "文本",
    "Texture": "纹理",
    "The active material was not built by LlamaVis": "活动材质不是由 LlamaVis 生成的",
    "The catalog was not written: {why}": "目录未能写入：{why}",
    "The description is still being read": "描述仍在读取中",
    "The extension met a bug; Blender's console says more": (
        "扩展遇到了错误；详情见 Blender 的控制台"
    ),
    "The folder must lie in the project": "文件夹必须在项目之内",
    "The game project's folder: the one with llamavis.toml in it": (
        "游戏项目的文件夹：其中有 llamavis.toml"
    ),
    "The height map changes the light only": "高度图只影响光照",
    "The height map is not used": "不使用高度图",
    "The height map moves the surface; needs a fine mesh": "高度图移动表面；需要精细的网格",
    "The history of the studio keeps the image.": "工作室的历史记录会保留原图。",
    "The image cannot be drawn as described": "图像无法按描述绘制",
    "The image fits its words": "图像与文字相符",
    "The mesh is not unwrapped, or has no surface": "网格没有展开 UV，或没有表面",
    "The program named in the add-on's preferences cannot be run": (
        "插件偏好设置中指定的程序无法运行"
    ),
    "The program named in the add-on's preferences is not there": (
        "插件偏好设置中指定的程序不存在"
    ),
    "The program that is started for a project; only this setting decides it": (
        "为项目启动的程序；只由此设置决定"
    ),
    "The project is being opened: import it again in a moment": "项目正在打开：请稍后再导入",
    "The selected description's images, from nothing": "选中描述的图像，从零重画",
    "The selected description's images, once more": "选中描述的图像，再画一次",
    "The sprites were not written: {why}": "精灵图未能写入：{why}",
    "The studio and this extension do not understand each other": "工作室与此扩展的版本不相容",
    "The studio does not accept this project's key": "工作室不接受此项目的密钥",
    "The studio ended: {words}": "工作室已结束：{words}",
    "The studio is not running": "工作室没有运行",
    "The studio is not running for this project": "此项目的工作室没有运行",
    "The studio is opening the project...": "工作室正在打开项目……",
    "The words changed since the image was drawn": "绘制之后文字有了改动",
    "There is no image of the project here": "这里没有项目的图像",
    "There is no image yet": "还没有图像",
    "There is no llamavis.toml in this folder or above it": "此文件夹及其上级没有 llamavis.toml",
    "This Image": "当前图像",
    "This image is not drawn yet: generate it first": "图像尚未绘制：请先生成",
    "This text is no description": "这段文本不是描述",
    "To Selected Objects": "赋给选中物体",
    "Unlock": "解锁",
    "Unlocked": "已解锁",
    "Up to date": "最新",
    "Variant": "变体",
    "Variants": "变体",
    "Variants are drawn next": "接下来绘制变体",
    "What": "内容",
    "What is drawn": "绘制什么",
    "What is out of date of the selected description": "选中描述中过期的图像",
    "What the image shows; Chinese works as well": "图像的内容；中文也可以",
    "What the project's rules say for this folder": "按项目对此文件夹的规则",
    "With the corners between": "加上中间的斜向",
    "Words": "文字",
    "Write this text back into the project, if nobody else changed the file meanwhile": (
        "把文本写回项目（如果期间没有别人改动文件）"
    ),
    "Write words, kind, size and style into the description; all else in it stays": (
        "把文字、类型、尺寸和风格写入描述；其余内容不变"
    ),
    "Written into assets that are marked": "写入标记的资产",
    "Written into assets; empty: that of the model that drew them": (
        "写入资产；留空则为绘图模型的许可"
    ),
    "llamavis program": "llamavis 程序",
    "no project is open": "没有打开的项目",
    "something else than the studio answers at its place": "应答的不是工作室",
    "start it again": "请重新启动它",
    "start it, then try again": "请启动它，然后再试",
    "the catalogs are of a version that is not known here": "目录文件的版本未知",
    "the file does not name this image any more": "文件中已没有这张图像",
    "the file has mistakes: edit it as text": "文件有错误：请作为文本编辑",
    "the studio does not answer": "工作室没有应答",
    "the studio is not running": "工作室没有运行",
    "the studio takes too long to answer": "工作室应答太慢",
    "this file is written in a way that has to be edited as text": "此文件的写法只能作为文本编辑",
    "this table has no such column: edit it as text": "此表格没有这一列：请作为文本编辑",
    "try again": "请再试",
    "{count} linked or other objects left out": "略过 {count} 个链接或其他物体",
    "{count} min left": "还剩 {count} 分钟",
    "{count} s left": "还剩 {count} 秒",
    "{name} is gone from the project; its last picture stays": (
        "项目中已没有 {name}；保留最后的画面"
    ),
    "{name} is packed into this .blend file and was left as it is": (
        "{name} 已打包进此 .blend 文件，保持原样"
    ),
    "{name} was painted on here and not saved: it was left as it is": (
        "{name} 在此被绘画且未保存：保持原样"
    ),
}
