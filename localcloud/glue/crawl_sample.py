"""The head of an object: as much of it as it takes to know its format and columns."""

import codecs
import zlib
from dataclasses import dataclass
from typing import Protocol

_GZIP = b"\x1f\x8b"
_OTHER_ENCODINGS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


class UnrecognizedFormatError(Exception):
    """No classifier knows what to do with an object; the message says why, as the end of a sentence."""


class ShortSampleError(Exception):
    """The sample ends before its first record does."""


class Source(Protocol):
    """The bytes of an object, read by range."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on."""


@dataclass(frozen=True)
class Sample:
    """The first bytes of an object, uncompressed.

    `complete` says whether they are all of it; `size` is the whole object's uncompressed size in bytes,
    an estimate where it is not complete and compressed.
    """

    data: bytes
    complete: bool
    size: int
    compression: str = "none"

    def text(self) -> str:
        """The sample as text without its byte order mark; a character cut at the end is left out.

        Raises UnrecognizedFormatError for anything but UTF-8, naming the byte.
        """
        for mark, encoding in _OTHER_ENCODINGS.items():
            if self.data.startswith(mark):
                raise UnrecognizedFormatError(f"is {encoding} text; crawlers read UTF-8: convert it")
        if b"\0" in self.data:
            raise UnrecognizedFormatError(
                "holds NUL bytes: it is binary data, or UTF-16 text, and not UTF-8 text"
            )
        try:
            return codecs.getincrementaldecoder("utf-8-sig")().decode(self.data, final=self.complete)
        except UnicodeDecodeError as error:
            found = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
            message = f"is not UTF-8 text ({found}; Latin-1?): convert it"
            raise UnrecognizedFormatError(message) from error


def take_sample(source: Source, limit: int) -> Sample:
    """The first `limit` bytes of `source`; of gzip, at most `limit` bytes of what its first `limit` hold."""
    head = source.read(0, limit)
    if head.startswith(_GZIP):
        return _gunzipped(head, source.size, limit)
    return Sample(head, complete=len(head) >= source.size, size=source.size)


def _gunzipped(head: bytes, size: int, limit: int) -> Sample:
    """A sample of gzip data, of which there may be several members one after the other."""
    data, rest = b"", head
    while rest and len(data) < limit:
        member = zlib.decompressobj(wbits=31)
        try:
            data += member.decompress(rest, limit - len(data))
        except zlib.error as error:
            raise UnrecognizedFormatError(f"is damaged gzip data ({error})") from error
        rest = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            break
    complete = len(head) >= size and member.eof and not rest
    if len(head) >= size and not member.eof and not rest:
        raise UnrecognizedFormatError("is gzip data that ends too soon")
    read = max(len(head) - len(rest), 1)
    return Sample(data, complete, len(data) if complete else len(data) * size // read, "gzip")
