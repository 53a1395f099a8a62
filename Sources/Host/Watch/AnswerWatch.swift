import TradingModel

/// Whether a broker answers as fast as it should, by its last answers. A value.
struct AnswerWatch {
    enum Finding: Hashable {
        /// Most of the last answers took longer.
        case slow(median: Nanoseconds, longest: Nanoseconds)
        /// None of them did.
        case well(longest: Nanoseconds)
    }
    let span: Nanoseconds
    /// The last ones, the oldest first.
    private var times: [Int64] = []
    private(set) var isSlow = false
    static let kept = 5

    init(_ span: Nanoseconds) { self.span = span }

    /// An answer came, after so long.
    mutating func took(_ time: Nanoseconds) -> Finding? {
        times.append(time.count)
        if times.count > Self.kept { times.removeFirst() }
        guard times.count == Self.kept else { return nil }
        let sorted = times.sorted()
        let (median, longest) = (sorted[Self.kept / 2], sorted[Self.kept - 1])
        // Between the two it stays what it was: one that wavers is not told of each time.
        if !isSlow, median > span.count {
            isSlow = true
            return .slow(median: Nanoseconds(median), longest: Nanoseconds(longest))
        }
        if isSlow, longest <= span.count {
            isSlow = false
            return .well(longest: Nanoseconds(longest))
        }
        return nil
    }
}
