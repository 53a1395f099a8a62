/// Cuts a stream of bytes into lines, as they come.
struct LineSplitter {
    private var rest: [UInt8] = []
    private var isCut = false

    /// Feeds bytes; `body` gets each line that ended, and whether it was longer than the limit.
    mutating func feed(_ bytes: some Sequence<UInt8>, _ body: (String, Bool) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                flush(body)
            } else if rest.count < ProcessLine.longest {
                rest.append(byte)
            } else {
                isCut = true
            }
        }
    }

    /// Gives what stands behind the last line end, if anything does.
    mutating func finish(_ body: (String, Bool) -> Void) {
        if !rest.isEmpty || isCut { flush(body) }
    }

    private mutating func flush(_ body: (String, Bool) -> Void) {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        body(String(decoding: rest, as: UTF8.self), isCut)
        rest.removeAll(keepingCapacity: true)
        isCut = false
    }
}
