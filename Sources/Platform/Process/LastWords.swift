/// Finds the reason in what a program wrote before it ended: the last line of a Python traceback.
///
/// A value that is fed each line, those that are not handed on too. Bounded.
struct LastWords {
    private enum Place { case outside, inside }
    private var place = Place.outside
    private var reason: String?
    /// Lines behind it. A traceback that was logged and lived on is no reason for an end later.
    private var since = 0

    private static let head = Array("Traceback (most recent call last):".utf8)
    private static let longest = 500
    private static let furthest = 5

    mutating func heard(_ line: UnsafeRawBufferPointer) {
        since += 1
        let text = Self.withoutFrame(line)
        if text.count >= Self.head.count, text.suffix(Self.head.count).elementsEqual(Self.head) {
            place = .inside
            reason = nil
        } else if place == .inside, let first = text.first, first != UInt8(ascii: " "),
            first != UInt8(ascii: "\t")
        {
            place = .outside
            reason = String(decoding: text.prefix(Self.longest), as: UTF8.self)
            since = 0
        }
    }

    /// `ValueError: no such model`, if that was among the last lines.
    var found: String? { since <= Self.furthest ? reason : nil }

    /// Without the frame that Python draws around the exceptions of a group: `  | `, `  + `.
    private static func withoutFrame(_ line: UnsafeRawBufferPointer) -> Slice<
        UnsafeRawBufferPointer
    > {
        let start = line.prefix(64).firstIndex { $0 != UInt8(ascii: " ") } ?? line.endIndex
        guard start < line.endIndex, start > 0,
            line[start] == UInt8(ascii: "|") || line[start] == UInt8(ascii: "+")
        else { return line[...] }
        let rest = line[(start + 1)...]
        return rest.first == UInt8(ascii: " ") ? rest.dropFirst() : rest
    }
}
