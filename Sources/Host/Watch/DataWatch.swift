import TradingModel

/// Which instruments have had no data for longer than they may, by the market's time and within their hours.
///
/// A value. Time is told by ``took(_:at:)`` and ``pass(to:)`` alone, so what is found is a function of the
/// recording, however fast it passes: a pause that the pace cuts short is looked at as long as it was.
struct DataWatch {
    struct Silence: Hashable {
        let instrument: InstrumentID
        /// The last data; where there was none yet, the beginning of the watch.
        let since: Timestamp
        let hadData: Bool
        /// When it was found, or when data came.
        let until: Timestamp
        var length: Nanoseconds { until.since(since) }
    }
    enum Finding: Hashable {
        /// - Parameter isAll: Every watched instrument that is open is silent by now.
        case silent([Silence], isAll: Bool)
        case again([Silence])
    }
    private struct Entry {
        let span: Nanoseconds
        var last: Timestamp
        var hadData = false
        var isTold = false
    }
    /// By instrument; `nil`: not watched.
    private var entries: [Entry?]
    private var hours: OpenHours
    /// Came back, and not told.
    private var returned: [Silence] = []
    /// No finding is due before that.
    private(set) var due = Timestamp.distantFuture
    /// Those that fall silent together are told together: a span is looked at in so many parts.
    private static let looks: Int64 = 10
    /// Who comes back is waited with for others, at most so long.
    private static let gathering = Nanoseconds.seconds(10)

    /// - Parameters:
    ///   - spans: By instrument; `nil`: not watched.
    ///   - time: Where the watch begins.
    init(spans: [Nanoseconds?], _ hours: OpenHours, from time: Timestamp) {
        entries = spans.map { span in span.map { Entry(span: $0, last: time) } }
        self.hours = hours
        due = nextDue(after: time)
    }

    /// - Parameter time: Not before that of ``pass(to:)``.
    mutating func took(_ instrument: InstrumentID, at time: Timestamp) {
        let index = Int(instrument.index)
        guard index < entries.count, var entry = entries[index] else { return }
        if entry.isTold {
            returned.append(silence(index, entry, until: time))
            due = min(due, time.advanced(by: min(Self.gathering, Self.look(entry.span))))
        }
        entry.last = max(entry.last, time)
        entry.hadData = true
        entry.isTold = false
        entries[index] = entry
    }

    /// What was due by then, each at its own time.
    mutating func pass(to time: Timestamp) -> [Finding] {
        var findings: [Finding] = []
        while due <= time, due < .distantFuture {
            let moment = due
            look(at: moment, &findings)
            due = max(nextDue(after: moment), moment.advanced(by: Nanoseconds(1)))
        }
        return findings
    }

    /// No data come any more: those of whom nobody was told yet that they came back.
    mutating func end() -> [Finding] {
        defer { returned = [] }
        return returned.isEmpty ? [] : [.again(returned)]
    }

    private mutating func look(at time: Timestamp, _ findings: inout [Finding]) {
        findings += end()
        var silent: [Silence] = []
        var isAll = true
        for index in entries.indices {
            guard var entry = entries[index] else { continue }
            if entry.isTold { continue }
            guard let opening = hours.opening(of: index, at: time) else { continue }
            guard time.since(max(entry.last, opening)) >= entry.span else {
                isAll = false
                continue
            }
            silent.append(silence(index, entry, until: time))
            entry.isTold = true
            entries[index] = entry
        }
        if !silent.isEmpty { findings.append(.silent(silent, isAll: isAll)) }
    }

    /// Of closed ones it is not known when they open: they are looked at so often that no session is missed
    /// that is long enough to be silent in.
    private mutating func nextDue(after time: Timestamp) -> Timestamp {
        var next = Timestamp.distantFuture
        for index in entries.indices {
            guard let entry = entries[index], !entry.isTold else { continue }
            guard let opening = hours.opening(of: index, at: time) else {
                next = min(next, time.advanced(by: entry.span))
                continue
            }
            next = min(next, Self.look(behind: max(entry.last, opening), entry.span))
        }
        return next
    }

    private static func look(_ span: Nanoseconds) -> Nanoseconds {
        Nanoseconds(max(1, span.count / looks))
    }

    /// The first moment of its grid at which the span is over.
    private static func look(behind since: Timestamp, _ span: Nanoseconds) -> Timestamp {
        let end = since.advanced(by: span)
        let grid = look(span).count
        let (sum, overflow) = end.nanoseconds.addingReportingOverflow(grid - 1)
        return overflow
            ? .distantFuture : Timestamp(nanoseconds: floorDivide(sum, grid) * grid)
    }

    private func silence(_ index: Int, _ entry: Entry, until time: Timestamp) -> Silence {
        Silence(
            instrument: InstrumentID(index), since: entry.last, hadData: entry.hadData, until: time)
    }
}
