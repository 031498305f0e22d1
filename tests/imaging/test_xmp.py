"""XMP packets: words are read and changed, all else stays byte for byte."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.xmp import (
    DIGITAL_SOURCE_TYPE,
    XmpWords,
    packet_with_words,
    plain_packet,
    read_packet,
    xmp_packet,
)

LIGHTROOM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <!-- kept -->
  <rdf:Description rdf:about="uuid:1 &amp; 2"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:Rating="4"
   xmp:Label="dc:description='no'">
   <dc:description><rdf:Alt>
     <rdf:li xml:lang="x-default">A dragon</rdf:li>
     <rdf:li xml:lang="en-US">A dragon</rdf:li>
     <rdf:li xml:lang="zh-CN">一条龙</rdf:li>
   </rdf:Alt></dc:description>
   <dc:subject><rdf:Bag><rdf:li>dragon</rdf:li><rdf:li>red</rdf:li></rdf:Bag></dc:subject>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Smaug</rdf:li></rdf:Alt></dc:title>
   <lr:hierarchicalSubject>
    <rdf:Bag><rdf:li>animal|dragon</rdf:li></rdf:Bag>
   </lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"),
    max_size=40,
)
SUBJECTS = st.lists(TEXT.map(str.strip).filter(bool), max_size=5).map(tuple)


def node(inner: str, attributes: str = "", rdf: str = "rdf") -> bytes:
    return (
        f'<{rdf}:RDF xmlns:{rdf}="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<{rdf}:Description xmlns:d="http://purl.org/dc/elements/1.1/"{attributes}>'
        f"{inner}</{rdf}:Description></{rdf}:RDF>"
    ).encode()


def test_our_own_packet_is_read() -> None:
    words = read_packet(xmp_packet("火龙 <&>", ["红色", "d & e"]).encode())
    assert words == XmpWords("火龙 <&>", ("红色", "d & e"), "", DIGITAL_SOURCE_TYPE)


@given(description=TEXT, subjects=SUBJECTS)
def test_words_come_back(description: str, subjects: tuple[str, ...]) -> None:
    for old in (LIGHTROOM, plain_packet(), xmp_packet("a", ["b"]).encode(), node("")):
        new = packet_with_words(old, description, subjects)
        words = read_packet(new)
        assert (words.description, words.subjects) == (description, subjects)
        assert packet_with_words(new, description, subjects) == new


def test_a_packet_does_not_grow_by_being_written_often() -> None:
    for old in (LIGHTROOM, plain_packet()):
        first = packet_with_words(old, "one", ("one",))
        again = packet_with_words(packet_with_words(first, "", ()), "two", ("two",))
        assert len(packet_with_words(again, "one", ("one",))) <= len(first)


def test_only_the_words_change() -> None:
    new = packet_with_words(LIGHTROOM, "A wyrm", ("wyrm",))
    assert read_packet(new) == XmpWords("A wyrm", ("wyrm",), "Smaug", "")
    start, end = LIGHTROOM.index(b"<dc:description>"), LIGHTROOM.index(b"<dc:title>")
    assert new.startswith(LIGHTROOM[:start]) and new.endswith(LIGHTROOM[end:])
    texts = [text for text in ET.fromstring(new).itertext() if text.strip()]
    assert texts == ["A wyrm", "A wyrm", "一条龙", "wyrm", "Smaug", "animal|dragon"]


def test_a_translation_outlives_the_description_and_is_not_read_as_it() -> None:
    new = packet_with_words(LIGHTROOM, "", ())
    assert "一条龙".encode() in new
    assert read_packet(new).description == ""


def test_one_property_alone_leaves_the_other_as_it_stands() -> None:
    new = packet_with_words(LIGHTROOM, "A dragon", ("dragon",))
    start, end = LIGHTROOM.index(b"<dc:subject>"), LIGHTROOM.index(b"</dc:subject>")
    assert new.startswith(LIGHTROOM[:start]) and new.endswith(LIGHTROOM[end:])


@pytest.mark.parametrize(
    "packet",
    [
        node("", ' d:description="old &gt; words"'),
        node("", " d:description = 'old &gt; words'"),
        node("<d:description>old > words</d:description>", rdf="r"),
        node("<d:description><r:Alt><r:li>old > words</r:li></r:Alt></d:description>", rdf="r"),
        node(
            '<d:description><r:Seq><r:li r:parseType="Resource"><r:value>old > words</r:value>'
            "<d:note>n</d:note></r:li></r:Seq></d:description><d:subject/>",
            rdf="r",
        ),
    ],
)
def test_unusual_forms_are_read_and_replaced(packet: bytes) -> None:
    assert read_packet(packet).description == "old > words"
    new = packet_with_words(packet, "new", ("a",))
    assert read_packet(new) == XmpWords("new", ("a",))
    assert b"old" not in new
    assert read_packet(packet_with_words(new, "", ())) == XmpWords()


def test_an_empty_rdf_element_is_opened() -> None:
    packet = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" />'
    assert read_packet(packet_with_words(packet, "words", ())) == XmpWords("words")


LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><l>&j;</l>"
)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (LAUGHS, "DOCTYPE"),
        (b"<a>" * 200 + b"</a>" * 200, "nested"),
        (b"<a>", "broken"),
        (b"", "broken"),
        (b"<a>\xff</a>", "UTF-8"),
        (b"<a>" + b" " * (1 << 20) + b"</a>", "1 MiB"),
    ],
)
def test_bad_packets_say_why(packet: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        read_packet(packet)
    with pytest.raises(ImageError, match=reason):
        packet_with_words(packet, "a", ())


def test_xml_without_rdf_has_no_place_for_words() -> None:
    assert read_packet(b"<x/>") == XmpWords()
    with pytest.raises(ImageError, match="no rdf:RDF"):
        packet_with_words(b"<x/>", "a", ())


@given(place=st.integers(0, len(LIGHTROOM) - 1), noise=st.binary(max_size=8))
def test_damage_gives_words_or_a_reason(place: int, noise: bytes) -> None:
    broken = LIGHTROOM[:place] + noise + LIGHTROOM[place + len(noise) + 1 :]
    try:
        new = packet_with_words(broken, "new words", ("new",))
    except ImageError:
        return
    assert read_packet(new).description == "new words"
    assert read_packet(new).subjects == ("new",)
