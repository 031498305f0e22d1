<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en_GB">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Build</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the example</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New description…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show in file manager</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy path for Godot</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw what is stale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw this one afresh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variants…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw again what failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw on save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tell me when drawing is done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look for new images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe images without words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask about this picture…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All commands…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>English</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>简体中文</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layouts</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AnswerCard</name>
    <message>
        <source>Copied: the answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save it as the caption</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it as the description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take this answer away</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AskBox</name>
    <message>
        <source>One question at a time: this one is not answered yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Ask about these %n picture(s)</source>
        <translation>
            <numerusform>Ask about this picture</numerusform>
            <numerusform>Ask about these %n pictures</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask about this picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} describes pictures, but answers no questions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The studio&apos;s own model describes pictures, but answers no questions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, which is on this machine, does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let {0} look</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat models such as SmolVLM, Qwen-VL or Janus-Pro do.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>such as: how many doors does it have?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting: what is drawn now comes first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is looking at {1}…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; what is answered stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the answers are</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Backends</name>
    <message>
        <source>{0} is not ready: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} draws whole images only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} does not heed this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} does not look at references</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} cannot draw in the taught style of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not ready: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>describes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pixel art</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>seamless</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>clear background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>edits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>edits regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, </source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CaptionerMenu</name>
    <message>
        <source>Who describes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model looks at it; what was written by hand stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} looks at it; what was written by hand stays</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Captions</name>
    <message>
        <source>A model is answering a question; describe when that is done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept. Undo takes it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) described</source>
        <translation>
            <numerusform>%n picture described</numerusform>
            <numerusform>%n pictures described</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be read</source>
        <translation>
            <numerusform>%n could not be read</numerusform>
            <numerusform>%n could not be read</numerusform>
        </translation>
    </message>
    <message>
        <source>Pictures are being described already; cancel that to begin anew</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CaptionsPanel</name>
    <message>
        <source>it is larger than what the model was taught</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has more colours than pixel art has</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its plain areas are larger than those of pixel art</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its colours run into each other</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s)</source>
        <translation>
            <numerusform>%n picture</numerusform>
            <numerusform>%n pictures</numerusform>
        </translation>
    </message>
    <message>
        <source>What does it show?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They have different captions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not in the library yet. Look for new images (F6) takes it in.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an image to see and write its words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written by hand; no model changes it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The description that it was drawn from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model says so</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From a file beside the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody has said it yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model says so, {0} sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model sees: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is unlike what the model was taught</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hardly any pixel is like the one beside it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has details that the model cannot draw</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>; </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model is not sure: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1} of the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Described by {0}, {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn by {0}, seed {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From the words: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The sentence is as it was</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied: caption and tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Caption</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Enter keeps it, Esc takes it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add tags, with commas between</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask a model something about what is shown here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy caption and tags</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CardMenu</name>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find similar pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add tags…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take a tag away…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe in words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask about it…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to a folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy out…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Actions for pictures</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message>
        <source>Undo: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undone: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redone: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has unsaved text: save it, or undo it there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>words of images ({0})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>edit of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>new {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rename {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>move {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>duplicate {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>delete {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lock {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unlock {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>variants of {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>All commands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A command, or the name of an image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Commands</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Open project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Game art as code. Free software under the MIT licence.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Completion</name>
    <message>
        <source>Suggestions</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CopyDialog</name>
    <message>
        <source>Copy out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text files: caption and tags, for training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON files: who said what</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words beside them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the folders they lie in</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) go to a folder outside of the project.</source>
        <translation>
            <numerusform>%n picture goes to a folder outside of the project.</numerusform>
            <numerusform>%n pictures go to a folder outside of the project.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing there is written over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy to</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DeleteDialog</name>
    <message>
        <source>Delete {0}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Delete %n description(s)?</source>
        <translation>
            <numerusform>Delete %n description?</numerusform>
            <numerusform>Delete %n descriptions?</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What goes lies in the trash afterwards; Undo brings it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Their pictures too (%n picture(s))</source>
        <translation>
            <numerusform>Their picture too (%n picture)</numerusform>
            <numerusform>Their pictures too (%n pictures)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Its pictures too (%n picture(s))</source>
        <translation>
            <numerusform>Its picture too</numerusform>
            <numerusform>Its %n pictures too</numerusform>
        </translation>
    </message>
    <message>
        <source>Files that go to the trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n of the pictures was painted over by hand.</source>
        <translation>
            <numerusform>%n of the pictures was painted over by hand.</numerusform>
            <numerusform>%n of the pictures were painted over by hand.</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: only the part about it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DescribeBar</name>
    <message>
        <source>Describing {0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describing…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} described; drawing goes first</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>%n minute left</numerusform>
            <numerusform>%n minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>%n second left</numerusform>
            <numerusform>%n seconds left</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop describing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop describing; what is described stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the describing is</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DescriptionEditor</name>
    <message>
        <source>Description editor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an image or a description to see its words.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DescriptionForm</name>
    <message>
        <source>What it shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it must not show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Palette</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variants</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>such as: mossy stone wall with a wooden door</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>such as: text, people</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By its folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By its style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From the file&apos;s path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never draw this again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asset of this file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Form of the description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text also sets: {keys}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} (default)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The form waits: line {line} of the text must be mended first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the place</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DescriptionText</name>
    <message>
        <source>Text of the description file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>description = &quot;mossy stone wall&quot;</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Your settings file cannot be read ({0}). What could be read is shown here. When you change something, a new file is begun and the old one is kept beside it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Drawing</name>
    <message>
        <source>Drawing is paused: it waits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has failed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Drawn</name>
    <message>
        <source>drawn at {0}, then made {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its background is removed by a filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&apos;{0}&apos; is added to the prompt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its edges are blended by a filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model does not heed &apos;{0}&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model cannot draw in the style that was trained for it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model reads no Chinese: a dictionary puts it into English first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model reads no Chinese, and the description has some</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the same words and seed may give another image each time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model did not read the end: &apos;{0}&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model did not read the end of what to avoid: &apos;{0}&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing stands out from its background, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its background is too busy to be told from the figure, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has no background, so the background stays: ask for it &apos;on a plain background&apos;, or try another seed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Editor</name>
    <message>
        <source>{0}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>Searching…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try fewer or other words. Escape in the search clears it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No pictures yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures in the project&apos;s folders appear here once they are imported.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FacetChip</name>
    <message>
        <source>Any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another tag…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FacetChips</name>
    <message>
        <source>Textures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sprites</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sheets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Materials</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Characters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Items</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Backgrounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Creatures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map features</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Effects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Objects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Icons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Animations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base colour maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Normal maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Roughness maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metallic maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Height maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Occlusion maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ORM maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Emissive maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Painted by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the way of a description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not used in the game</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words are a guess</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There twice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks like another</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles without a seam</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With clear pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel art</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Animated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File is gone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Red</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Orange</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Green</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Teal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Blue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Purple</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pink</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Beige</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Black</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grey</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>White</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FetchDialog</name>
    <message>
        <source>Look it up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking what it has…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is on this machine already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its licence limits who may use it, or for what: read it first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} GB while it works, its publisher says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} free where it goes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its publisher names none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On the disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Or another of Hugging Face</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ORGANISATION/REPOSITORY</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repository of Hugging Face</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>I have read its licence, and accept it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights of half the size (fp16), where there are such</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same on the command line</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>New description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tags, divided by commas</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>Line {line}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No problems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} words</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message>
        <source>Best match</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Newest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gallery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order of the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of the pictures (Ctrl and wheel)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} shown, scroll for more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} selected</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>GalleryDesk</name>
    <message>
        <source>They have no tags</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take a tag away</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>From %n picture(s)</source>
        <translation>
            <numerusform>From %n picture</numerusform>
            <numerusform>From %n pictures</numerusform>
        </translation>
    </message>
    <message>
        <source>Take away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Taken from %n picture(s): {0}</source>
        <translation>
            <numerusform>Taken from %n picture: {0}</numerusform>
            <numerusform>Taken from %n pictures: {0}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %n picture(s) to</source>
        <translation>
            <numerusform>Move %n picture to</numerusform>
            <numerusform>Move %n pictures to</numerusform>
        </translation>
    </message>
    <message>
        <source>Move</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) moved</source>
        <translation>
            <numerusform>%n picture moved</numerusform>
            <numerusform>%n pictures moved</numerusform>
        </translation>
    </message>
    <message>
        <source>{0}. This cannot be undone: move them back by hand.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not moved</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) copied</source>
        <translation>
            <numerusform>%n picture copied</numerusform>
            <numerusform>%n pictures copied</numerusform>
        </translation>
    </message>
    <message>
        <source>Not copied</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Form</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill in what the image shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the file itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revert</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go back to the saved file; undo brings your text back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the file ({keys})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not saved yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No problems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 problem</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} problems</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{told}: go to it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Older versions of the image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put this back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put the chosen version back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is there now stays here as the newest version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an image to see its older versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No older version yet. One is kept whenever {0} is drawn again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Some time ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
    <message>
        <source>by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not made by the studio</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>InfoLine</name>
    <message>
        <source>one colour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>repeats without a seam ({score})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a seam shows ({score})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>clear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{colour}, {share} % opaque</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel under the cursor</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Insight</name>
    <message>
        <source>Not drawn yet: press F5</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an image in the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LayoutsMenu</name>
    <message>
        <source>Standard</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing: the description is wide</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures: the library is large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One picture: nothing beside it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save this layout…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save this layout</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LibraryBridge</name>
    <message numerus="yes">
        <source>%n new image(s)</source>
        <translation>
            <numerusform>%n new image</numerusform>
            <numerusform>%n new images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n missing</source>
        <translation>
            <numerusform>%n missing</numerusform>
            <numerusform>%n missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n moved</source>
        <translation>
            <numerusform>%n moved</numerusform>
            <numerusform>%n moved</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) tagged</source>
        <translation>
            <numerusform>%n image tagged</numerusform>
            <numerusform>%n images tagged</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LineList</name>
    <message>
        <source>Draw next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Later</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take out</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LitView</name>
    <message>
        <source>Material under a lamp</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag the lamp, or move it with the arrows; plus and minus, or the wheel, bring it nearer or take it away, Home puts it back.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LogDialog</name>
    <message>
        <source>The log cannot be read: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was written: nothing went wrong.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied, without names and private paths</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only lines with these letters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions, changed settings and the last lines, for a report of a bug</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Your old settings file could not be read; it is kept as {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This should not have happened; your files are as they were.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Opening {0}…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawing the region…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn; every other pixel is as it was</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} copied</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every image fits its words already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Library</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Older versions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tools</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MaterialBar</name>
    <message>
        <source>Colour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Normal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Roughness</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Occlusion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Height</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Packed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lit sphere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lit wall</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which way each spot faces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light is rough, dark is polished</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light is bare metal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark is hollow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light stands out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Occlusion, roughness and metal in red, green and blue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On a sphere, under a lamp that you drag</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On a wall, under a lamp that you drag</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Maps of the material</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>en</source>
        <comment>the language of error messages</comment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, {1}: {2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}. {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelDesk</name>
    <message>
        <source>Removed; {0} are free again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Removed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking for {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetching {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File of a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something else is done with models: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is here. Descriptions name it so: {1}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelLight</name>
    <message>
        <source>Model asleep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model waking</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model at work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It leaves the memory when it has had nothing to do for some minutes</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>No model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Install the studio again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every file is whole.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>makes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reads images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>answers questions about images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>makes seamless textures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sprites, characters, items, tiles and simple landscapes at 32 to 64 pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>photographs, large pictures, writing in pictures, real people</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the edges of seamless textures are blended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>backgrounds are taken away after drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>images are scaled to the wanted size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>drawing at 384 px and reading images with one small model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>drawing at 384 px and reading images, better than the small one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one plain sentence an image, also without a graphics card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one plain sentence an image, better than the small one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>short and detailed captions from a small model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>short and detailed captions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>captions and questions on the smallest machines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>captions and questions on small machines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>captions, tags and questions in English and Chinese</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>captions, tags and questions in English and Chinese, in more detail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>textures and pictures at 512 px on older cards, with many styles (LoRA) to choose from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>textures and characters at 1024 px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>drafts at 512 px in one to four steps; its licence limits commercial use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>detailed pictures at 1024 px in four steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>detailed pictures in eight steps, from English and Chinese words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pictures with writing in them, from English and Chinese words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Captioner</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ComfyUI server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} seconds an image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not measured yet: it has drawn nothing here</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) of your own</source>
        <translation>
            <numerusform>%n picture of your own</numerusform>
            <numerusform>%n pictures of your own</numerusform>
        </translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The studio helps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In descriptions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draws at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taught with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Taught on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used by</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no style yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetched from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Options</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} GB while it works, its publisher says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comes with the studio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A style that was taught here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, on this machine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move this style and its sheet of samples to the trash?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget this model, and free what was fetched for it alone?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Teach the style again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Broken or missing: {0}. Fetch the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare the model&apos;s files with their fingerprints</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it draws on, how many at once, how long it stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch a model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known models, with their licences and sizes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model that is on this machine already</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A .safetensors checkpoint of SD 1.5 or SDXL, as from Civitai or for A1111</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a ComfyUI server…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw with a ComfyUI that runs here or elsewhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Can</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Understands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Revision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licence</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MoveDialog</name>
    <message>
        <source>Move {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Move %n images</source>
        <translation>
            <numerusform>Move %n image</numerusform>
            <numerusform>Move %n images</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Description, pictures and words go together. Undo brings them back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder of the project, or a new one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folders of the project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top of the project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the kind and style that they have here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change the files of the game that name them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) will be moved.</source>
        <translation>
            <numerusform>%n file will be moved.</numerusform>
            <numerusform>%n files will be moved.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) will be drawn anew there: {0}</source>
        <translation>
            <numerusform>%n picture will be drawn anew there: {0}</numerusform>
            <numerusform>%n pictures will be drawn anew there: {0}</numerusform>
        </translation>
    </message>
    <message>
        <source>Named by: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NameDelegate</name>
    <message>
        <source>New name</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NewProjectDialog</name>
    <message>
        <source>My game</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What do you want to begin with?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The game&apos;s name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder in which the project&apos;s folder is made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Will be made: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give it a name and a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for the project</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Notifications</name>
    <message numerus="yes">
        <source>%n image(s) drawn</source>
        <translation>
            <numerusform>%n image drawn</numerusform>
            <numerusform>%n images drawn</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be drawn</source>
        <translation>
            <numerusform>%n could not be drawn</numerusform>
            <numerusform>%n could not be drawn</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Number</name>
    <message>
        <source>A whole number from {least} to {most}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PaletteStrip</name>
    <message>
        <source>Colours of the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{colour}, {share} % of the picture. Click to copy.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy {colour}, {share} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>  of {count} colours</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PictureArea</name>
    <message>
        <source>before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plus and minus zoom, 0 shows all, 1 shows 100 %, arrows move.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Playback</name>
    <message>
        <source>All frames</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the whole sheet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole sheet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is played</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> fps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frames per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Play</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>being drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an image in the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProjectFiles</name>
    <message>
        <source>Variants</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many pictures to choose from?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Renamed: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moved: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Duplicated: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the trash: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Locked: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unlocked: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variants of {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>These files of the game name it by its old place:</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProjectPanel</name>
    <message>
        <source>Filter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter the project&apos;s images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words of names and descriptions; state:stale for a state</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter by state</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only images in some states</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images of the project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>words changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not drawn yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>painted over by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>locked</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>could not be drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not made here</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Questions</name>
    <message>
        <source>Pictures are being described. Ask again when that is done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>(It said nothing.)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its description is not open any more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It stands in the description now. Save to draw it, or undo.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QueueDelegate</name>
    <message>
        <source>Draw again</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QueueList</name>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>Waiting for {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the drawing is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw again what failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images that wait</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image being drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing waits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is drawn will be listed here</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) wait</source>
        <translation>
            <numerusform>%n image waits</numerusform>
            <numerusform>%n images wait</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{0} and %n more</source>
        <translation>
            <numerusform>{0} and %n more</numerusform>
            <numerusform>{0} and %n more</numerusform>
        </translation>
    </message>
    <message>
        <source>then pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Getting ready to draw</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every image fits its words</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>%n second left</numerusform>
            <numerusform>%n seconds left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>%n minute left</numerusform>
            <numerusform>%n minutes left</numerusform>
        </translation>
    </message>
    <message>
        <source>Stopped; what was finished stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) could not be drawn</source>
        <translation>
            <numerusform>%n image could not be drawn</numerusform>
            <numerusform>%n images could not be drawn</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) drawn</source>
        <translation>
            <numerusform>%n image drawn</numerusform>
            <numerusform>%n images drawn</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n second</numerusform>
            <numerusform>%n seconds</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause drawing</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>Recent projects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: this folder is gone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>gone from {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take off this list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RegionBar</name>
    <message>
        <source> px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width of the brush, in pixels of the picture ([ and ])</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brush size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What should be there?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What should be there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear the region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop editing (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop editing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paint over a region first: left paints, right erases</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Say what should be there</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ResultList</name>
    <message>
        <source>Draw again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Your unsaved text from last time is back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the saved file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OK</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the saved file. Your text was laid aside.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is the other program&apos;s text. Yours was laid aside.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your text stays. The other program&apos;s was laid aside.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saving writes yours over it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show theirs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsaved text cannot be kept safe: save soon.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring mine back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed or renamed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your text is still here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write it again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was changed by another program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text you do not choose is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take theirs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>Search: knight, tag:stone, size:&gt;=64, color:#884422</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words and fields. Up and Down bring back earlier searches, Escape clears.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is wrong with the search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earlier searches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget them</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ServerDialog</name>
    <message>
        <source>Asking the server…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a ComfyUI server</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ComfyUI draws there; the studio sends words and takes the pictures. Several addresses, with spaces between, share the work.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name in descriptions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checkpoint there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The only one that it has</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The studio&apos;s own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A file of ComfyUI&apos;s Export (API)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes are seen at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For the next project you open; what its llamavis.toml says wins.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, not found here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} GB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} GB, {1} GB free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The open project says: {0}. That applies to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&apos;{0}&apos; is not one of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language of the interface</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look of the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images drawn at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most images made at once; 0: what the backend likes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the model likes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU threads of the model; 0: all cores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>thread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All cores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images finished at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images finished at once; 0: one a core, beside a window one in all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the studio likes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model runs on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Room for older images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Room for replaced images in a project; 0: none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>megabyte</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>megabytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait after a save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet time after a save before building, in seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the model ready for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Idle time after which the model leaves memory, in seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw on</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ShortcutModel</name>
    <message>
        <source>Command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Menu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed; it comes with: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>New keys for: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} means: {1}. Shall it mean this instead?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give every command the keys it came with?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press the keys that shall mean this command.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a command or its keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Size</name>
    <message>
        <source>Two whole numbers from {least} to {most}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave the size out</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TagChips</name>
    <message>
        <source>and {0} rarer ones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From names</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on {0} of {1} pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click to give it to all of them, cross or Delete takes it away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cross or Delete takes it away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click to keep it as your own, cross or Delete takes it away</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Templates</name>
    <message>
        <source>Dungeon game</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heroes, monsters, items, tiles and scenes to play with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sprites</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Characters, monsters and items on clear ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles and backgrounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Textures that repeat without a seam, and wide scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One description to begin with</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ToolRow</name>
    <message>
        <source>{share} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1:1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit a region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why this picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all of it (0)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>100 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One pixel on one of the screen (1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tile</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repeat it 3 x 3 to see its seams</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lines between pixels, from 800 % on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Before and after, with a divider</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See where each word acted, and what the model took after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paint over a region and say what should be there</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>VariantsStrip</name>
    <message>
        <source>Variants</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variants of this image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use this variant</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A table is changed as text: write the number in its column &apos;pick&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write into the description that this variant alone is built</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variant {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, not drawn yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}, shown</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>LlamaVis Studio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe your game&apos;s images in words, in files beside your game. They are drawn here, and drawn again when the words change.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the example</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>or drop a project&apos;s folder anywhere in this window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The models on this machine, and how to get more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WhyBar</name>
    <message>
        <source>little</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>much</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark is little, light is much</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Words of the description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{word}: acted with up to {share} %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>read as “{english}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a word of the style</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the model…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model cannot say where words acted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model does not know: {words}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read as: {words}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looked up: {names}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{name}”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{name}” ({share} %)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not drawn yet: the heat lies over what would be drawn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Painted by hand since: the heat lies over a fresh drawing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn from older words: the heat lies over a fresh drawing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An edit of an older picture: the heat lies over a fresh drawing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn in another way: the heat lies over a fresh drawing.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>WorkBar</name>
    <message>
        <source>{0} of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; what has come stays, and is gone on from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop what is done with models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far it is</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Rows</name>
    <message>
        <source>being drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>was up to date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>could not be drawn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
