import Glibc

/// Cuts a stream of bytes into lines, as they come. Its memory is bounded whatever comes.
struct LineSplitter {
    /// A line without its end, for the length of a call.
    struct Line {
        let bytes: UnsafeRawBufferPointer
        /// Bytes of it beyond the limit; they are gone.
        let beyond: Int
        var written: Int { bytes.count + beyond }

        /// What is no UTF-8 is replaced; a character that the limit would cut is left out whole.
        var text: String {
            var end = bytes.count
            if beyond > 0 {
                var back = 0
                while back < 3, end > 0, bytes[end - 1] & 0xC0 == 0x80 {
                    end -= 1
                    back += 1
                }
                if end > 0, bytes[end - 1] >= 0xC0 { end -= 1 } else { end = bytes.count }
            }
            return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        }
    }

    private var rest: [UInt8] = []
    private var beyond = 0

    /// Feeds bytes; `body` gets each line that ended.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ body: (Line) -> Void) {
        var bytes = bytes
        while let start = bytes.baseAddress, !bytes.isEmpty {
            guard let end = memchr(start, 0x0A, bytes.count) else { return keep(bytes) }
            let count = UnsafeRawPointer(end) - start
            let piece = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            if rest.isEmpty, beyond == 0, count <= ProcessLine.longest {
                give(piece, 0, body)  // whole, in the reader's own memory
            } else {
                keep(piece)
                flush(body)
            }
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(count + 1)...])
        }
    }

    /// Gives what stands behind the last line end, if anything does.
    mutating func finish(_ body: (Line) -> Void) {
        if !rest.isEmpty || beyond > 0 { flush(body) }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        let room = ProcessLine.longest - rest.count
        rest.append(contentsOf: bytes.prefix(room))
        beyond += max(0, bytes.count - room)
    }

    private mutating func flush(_ body: (Line) -> Void) {
        rest.withUnsafeBytes { give($0, beyond, body) }
        rest.removeAll(keepingCapacity: true)
        beyond = 0
    }

    private func give(_ bytes: UnsafeRawBufferPointer, _ beyond: Int, _ body: (Line) -> Void) {
        let hasReturn = beyond == 0 && bytes.last == UInt8(ascii: "\r")
        let end = bytes.count - (hasReturn ? 1 : 0)
        body(Line(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<end]), beyond: beyond))
    }
}
