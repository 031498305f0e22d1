"""The XMP note of a picture: what it shows, its keywords, and who or what made it.

`xmp_packet` writes the packet of a picture of ours. `read_packet` reads anybody's, and
`packet_with_words` puts other words into it. That one cuts the bytes of `dc:description` and
`dc:subject` out of the packet and sews new ones in, rather than writing the parsed tree again: what
other programs keep there, down to comments and white space, stays as it was.

Format: XMP specification parts 1 and 3 (ISO 16684-1); properties from Dublin Core and IPTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from llamavis_studio.imaging.errors import ImageError

MAX_PACKET_BYTES = 1 << 20  # 1 MiB
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <dc:description>
    <rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt>
   </dc:description>
   <dc:subject><rdf:Bag>{subjects}</rdf:Bag></dc:subject>
   <Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_LANG = "http://www.w3.org/XML/1998/namespace lang"
_ABOUT = f"{_RDF} about"
_DESCRIPTION = f"{_DC} description"
_SUBJECT = f"{_DC} subject"
_TITLE = f"{_DC} title"
_SOURCE = f"{_IPTC} DigitalSourceType"
_READ = (_DESCRIPTION, _SUBJECT, _TITLE, _SOURCE)
_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=<>/\"']+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_MOST_DEPTH = 100  # elements inside each other


@dataclass(frozen=True)
class XmpWords:
    """What a picture's own notes say about it; empty where they say nothing."""

    description: str = ""
    subjects: tuple[str, ...] = ()
    title: str = ""
    digital_source_type: str = ""


def xmp_packet(description: str, subjects: Sequence[str] = ()) -> str:
    """An XMP packet with `dc:description`, `dc:subject` and IPTC's DigitalSourceType; plain text
    in, escaped here.
    """
    return _PACKET.format(
        description=_xml_text(description),
        subjects="".join(f"<rdf:li>{_xml_text(word)}</rdf:li>" for word in subjects),
        source_type=DIGITAL_SOURCE_TYPE,
    )


def _xml_text(text: str, *, escaped: bool = True) -> str:
    # XML 1.0 carries no control characters, lone surrogates or non-characters, even escaped.
    kept = (
        ch
        for ch in text
        if ch in "\t\n\r"
        or (ch >= " " and not "\ud800" <= ch <= "\udfff" and ch not in "\ufffe\uffff")
    )
    return escape("".join(kept)) if escaped else "".join(kept)


def plain_packet() -> bytes:
    """A packet that says nothing yet, for a picture that anybody may have made."""
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta>\n'
        '<?xpacket end="w"?>'
    ).encode()


def read_packet(packet: bytes) -> XmpWords:
    """The words in an XMP packet (UTF-8). Of several languages `x-default` is read, else the first.

    Raises:
        ImageError: no XML, over 1 MiB, nested too deeply, or with a DOCTYPE, which XMP forbids.
    """
    return _Packet(packet).words()


def packet_with_words(packet: bytes, description: str, subjects: Sequence[str]) -> bytes:
    """The packet with other words in `dc:description` and `dc:subject`; all else byte for byte.

    Translations in `dc:description` stay, but for those that repeated the old text.

    Raises:
        ImageError: as `read_packet`; or there is no `rdf:RDF` to write into.
    """
    parsed = _Packet(packet)
    old = parsed.words()
    data = parsed.data
    edits: list[tuple[int, int, bytes]] = []
    added = ""
    if description != old.description:
        items = parsed.items.get(_DESCRIPTION, [])
        added += _put(parsed, edits, _DESCRIPTION, _alternatives(description, old, items))
    if tuple(subjects) != old.subjects:
        added += _put(parsed, edits, _SUBJECT, _bag(subjects))
    if added:
        about = quoteattr(_xml_text(parsed.about, escaped=False))
        # A node of its own with the same rdf:about says the same as one more property in the first.
        node = f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about={about}>{added}</rdf:Description>'
        edits.append(parsed.place_for(node))
    if not edits:
        return packet
    for start, end, text in sorted(edits, reverse=True):
        data = data[:start] + text + data[end:]
    _Packet(data)  # sound, and not over the limit
    return data


class _Item(NamedTuple):
    text: str
    language: str


def _put(parsed: _Packet, edits: list[tuple[int, int, bytes]], name: str, content: str) -> str:
    """Edits that put a property where it stood; or its text, when it stood nowhere."""
    local = name.rpartition(" ")[2]
    # The packet may call these namespaces by other prefixes, so they are named again.
    text = f'<dc:{local} xmlns:dc="{_DC}" xmlns:rdf="{_RDF}">{content}</dc:{local}>'
    cuts = parsed.cuts(name)
    edits += cuts
    if parsed.has_element(name):  # the first cut is that of an element
        edits[-len(cuts)] = (*cuts[0][:2], text.encode())
        return ""
    return text if "<rdf:li" in content else ""


def _alternatives(text: str, old: XmpWords, items: Sequence[_Item]) -> str:
    others = [item for item in items if item.language not in ("", "x-default")]
    kept = [item for item in others if item.text != old.description]
    # The language that had only repeated x-default goes on repeating it.
    # An empty one keeps a translation from being read as the description that was taken away.
    said = [_Item(text, "x-default")] if text or kept else []
    if text:
        said += [_Item(text, item.language) for item in others if item.text == old.description]
    rows = "".join(
        f"<rdf:li xml:lang={quoteattr(item.language)}>{_xml_text(item.text)}</rdf:li>"
        for item in (*said, *kept)
    )
    return f"<rdf:Alt>{rows}</rdf:Alt>"


def _bag(words: Sequence[str]) -> str:
    return f"<rdf:Bag>{''.join(f'<rdf:li>{_xml_text(word)}</rdf:li>' for word in words)}</rdf:Bag>"


@dataclass
class _Open:
    """An element whose end is still to come."""

    name: str
    start: int
    language: str = ""
    text: list[str] = field(default_factory=list)


class _Packet:
    """One pass over a packet: the texts of the properties we read, and the bytes they stand at."""

    def __init__(self, packet: bytes) -> None:
        if len(packet) > MAX_PACKET_BYTES:
            raise ImageError("the XMP packet is over 1 MiB")
        self.data = packet.rstrip(b"\0")  # some cameras fill up with zeros
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ImageError("the XMP packet is not UTF-8") from error
        self.items: dict[str, list[_Item]] = {}
        self.about = ""
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._rdf: tuple[int, int] | None = None  # start of the tag, start of the end tag
        self._attributes: list[tuple[str, int]] = []  # property, start of its element
        self._path: list[_Open] = []
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        try:
            self._parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise ImageError(f"the XMP packet is broken: {error}") from error

    def words(self) -> XmpWords:
        subjects = (item.text.strip() for item in self.items.get(_SUBJECT, []))
        return XmpWords(
            self._one(_DESCRIPTION),
            tuple(word for word in subjects if word),
            self._one(_TITLE),
            self._one(_SOURCE).strip(),
        )

    def cuts(self, name: str) -> list[tuple[int, int, bytes]]:
        """Edits that take every element and every attribute of this property away."""
        cuts = [(start, end, b"") for start, end in self._spans.get(name, [])]
        local = name.rpartition(" ")[2].encode()
        for attribute, start in self._attributes:
            if attribute == name:
                tag = self.data[start : self._tag_end(start)]
                # One attribute after the other, so that no value is taken for one.
                found = [
                    match
                    for match in _ATTRIBUTE.finditer(tag)
                    if match[1].rpartition(b":")[2] == local and b":" in match[1]
                ]
                if len(found) != 1:
                    raise ImageError("the XMP packet says its words in a way that is not rewritten")
                cuts.append((start + found[0].start(), start + found[0].end(), b""))
        return cuts

    def has_element(self, name: str) -> bool:
        return name in self._spans

    def place_for(self, node: str) -> tuple[int, int, bytes]:
        """The edit that puts `node` at the end of `rdf:RDF`."""
        if self._rdf is None:
            raise ImageError("the XMP packet has no rdf:RDF to write words into")
        start, end = self._rdf
        tag_end = self._tag_end(start)
        tag = self.data[start:tag_end]
        if tag.endswith(b"/>"):
            name = re.split(rb"[\s/]", tag[1:], maxsplit=1)[0]
            return tag_end - 2, tag_end, b">" + node.encode() + b"</" + name + b">"
        return end, end, node.encode()

    def _one(self, name: str) -> str:
        items = self.items.get(name, [])
        for item in items:
            if item.language == "x-default":
                return item.text
        return items[0].text if items else ""

    def _tag_end(self, start: int) -> int:
        match = _TAG.match(self.data, start)
        if match is None:
            raise ImageError("the XMP packet is broken: a tag without an end")
        return match.end()

    def _doctype(self, *_args: object) -> None:
        raise ImageError("the XMP packet has a DOCTYPE, which XMP forbids")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= _MOST_DEPTH:
            raise ImageError("the XMP packet is nested too deeply")
        position = self._parser.CurrentByteIndex
        if name == f"{_RDF} RDF" and self._rdf is None:
            self._rdf = (position, position)
        if self._is_node(name):
            self.about = self.about or attributes.get(_ABOUT, attributes.get("about", ""))
            for known in _READ:
                if known in attributes:
                    self._attributes.append((known, position))
                    self.items.setdefault(known, []).append(_Item(attributes[known], ""))
        if name == _SOURCE and f"{_RDF} resource" in attributes:
            self.items.setdefault(name, []).append(_Item(attributes[f"{_RDF} resource"], ""))
        self._path.append(_Open(name, position, attributes.get(_LANG, "")))

    def _is_node(self, name: str) -> bool:
        return (
            name == f"{_RDF} Description"
            and bool(self._path)
            and self._path[-1].name == f"{_RDF} RDF"
        )

    def _property(self) -> str:
        """The property of a node that the pass is inside of, or nothing."""
        for parent, node, inside in zip(self._path, self._path[1:], self._path[2:], strict=False):
            if parent.name == f"{_RDF} RDF" and node.name == f"{_RDF} Description":
                return inside.name if inside.name in _READ else ""
        return ""

    def _characters(self, text: str) -> None:
        here = self._path[-1]
        # The value of an item that carries qualifiers stands one element deeper.
        if here.name == f"{_RDF} value" and self._path[-2].name == f"{_RDF} li":
            here = self._path[-2]
        if here.name in (f"{_RDF} li", *_READ):
            here.text.append(text)

    def _end(self, name: str) -> None:
        inside = self._property()
        here = self._path.pop()
        if inside and name == f"{_RDF} li":
            self.items.setdefault(inside, []).append(_Item("".join(here.text), here.language))
        elif inside and name == inside and self._path[-1].name == f"{_RDF} Description":
            plain = "".join(here.text).strip()  # sloppy writers leave the list out
            if plain:
                self.items.setdefault(inside, []).append(_Item(plain, here.language))
            end = self._tag_end(here.start)
            if self.data[end - 2 : end] != b"/>":
                end = self.data.index(b">", self._parser.CurrentByteIndex) + 1
            self._spans.setdefault(inside, []).append((here.start, end))
        elif name == f"{_RDF} RDF" and self._rdf is not None and self._rdf[0] == here.start:
            self._rdf = (here.start, self._parser.CurrentByteIndex)
