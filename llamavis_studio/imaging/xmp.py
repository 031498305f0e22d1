"""The XMP note of a generated picture: what it shows, its keywords, and that a trained algorithm
made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

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


def xmp_packet(description: str, subjects: Sequence[str] = ()) -> str:
    """An XMP packet with `dc:description`, `dc:subject` and IPTC's DigitalSourceType; plain text
    in, escaped here.
    """
    return _PACKET.format(
        description=_xml_text(description),
        subjects="".join(f"<rdf:li>{_xml_text(word)}</rdf:li>" for word in subjects),
        source_type=DIGITAL_SOURCE_TYPE,
    )


def _xml_text(text: str) -> str:
    # XML 1.0 carries no control characters, lone surrogates or non-characters, even escaped.
    kept = (
        ch
        for ch in text
        if ch in "\t\n\r"
        or (ch >= " " and not "\ud800" <= ch <= "\udfff" and ch not in "\ufffe\uffff")
    )
    return escape("".join(kept))
