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
        <source>Undo change of tags</source>
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
        <source>Stop drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw on save</source>
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
        <source>Edit tags…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Describe in words</source>
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
        <source>Undone: {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to undo</source>
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
        <source>Stale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only {what}</source>
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
    <message>
        <source>Describing images…</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n image(s) described</source>
        <translation>
            <numerusform>%n image described</numerusform>
            <numerusform>%n images described</numerusform>
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
        <source>Not drawn yet: press F5</source>
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
        <source>Tools</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something went wrong: {0}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>{0} seconds an image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>draws images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>describes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changes images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>draws seamless textures</source>
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
        <source>Close</source>
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
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
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
        <source>Show the whole sheet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whole sheet</source>
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
        <source>About the picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel under the cursor</source>
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
        <source>Choose an image in the list</source>
        <translation type="unfinished"></translation>
    </message>
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
</context>
<context>
    <name>QueuePanel</name>
    <message numerus="yes">
        <source>Drawing %n image(s)</source>
        <translation>
            <numerusform>Drawing %n image</numerusform>
            <numerusform>Drawing %n images</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
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
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>%n second left</numerusform>
            <numerusform>%n seconds left</numerusform>
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
        <source>Nothing to draw: every image fits its words</source>
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
        <source>Images finished at once; 0: one a core</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One a core</source>
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
    <message>
        <source>auto, cpu, cuda or cuda:1</source>
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
        <source>Open the example</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a project…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent projects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>or drop a folder here</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
