import TradingModel

/// What has had no data for longer than it may, by the market's time and within its hours: single instruments, and
/// all of an exchange that are watched together.
///
/// A value. Time is told by ``took(_:at:)`` and ``pass(to:)`` alone, so what is found is a function of the
/// recording, however fast it passes: a pause that the pace cuts short is looked at as long as it was.
/// A span that a session holds is counted from its opening at the earliest; a longer one over sessions. What was
/// told in a session is judged anew in the next.
struct DataWatch {
    struct Silence: Hashable {
        /// One, or those that are watched together.
        let instruments: [InstrumentID]
        /// The last data; where there was none yet, the beginning of the watch.
        let since: Timestamp
        let hadData: Bool
        /// When it was found, or when data came.
        let until: Timestamp
        /// Open time without data: what was counted; of one that is over, all since the last data.
        let length: Nanoseconds
        /// Whose data came.
        var by: InstrumentID?
    }
    enum Finding: Hashable {
        /// - Parameter isAll: All that is watched and open is silent by now.
        case silent([Silence], isAll: Bool)
        case again([Silence])
    }
    /// What is watched as one.
    private struct Unit {
        let instruments: [InstrumentID]
        let kind: Int
        let span: Nanoseconds
        var last: Timestamp
        /// Open time by the last data, ns.
        var mark: Int64
        var hadData = false
        /// Told, and no data since.
        var isTold = false
        /// The session in which it was told last, by its first moment, and open time by then.
        var toldIn: Timestamp?
        var toldMark = Int64.min

        func isTold(in walk: SessionWalk) -> Bool { isTold && toldIn == walk.first }

        /// From where its silence is counted: open time.
        func start(_ walk: SessionWalk) -> Int64 {
            let start = max(mark, toldMark)
            return span <= walk.end.since(walk.first) ? max(start, walk.before) : start
        }
    }
    private var units: [Unit] = []
    /// By instrument: the unit that it is alone; `nil`: none.
    private var singles: [Int?]
    /// By kind of hours: the unit of those watched together, and all units.
    private var crowds: [Int?]
    private var unitsOf: [[Int]]
    private var hours: OpenHours
    /// Came back, and not told.
    private var returned: [Silence] = []
    /// No finding is due before that.
    private(set) var due = Timestamp.distantFuture
    /// Those that fall silent together are told together: a span is looked at in so many parts.
    private static let looks: Int64 = 10
    /// Who comes back is waited with for others on the same grid, at most so long.
    private static let gathering: Int64 = 300_000_000_000

    /// - Parameters:
    ///   - spans: By instrument; `nil`: not watched alone.
    ///   - together: By instrument: as one with the others of its hours, by the shortest span of theirs. Data of any
    ///     instrument with these hours count for them, watched or not.
    ///   - time: Where the watch and the hours begin.
    init(
        spans: [Nanoseconds?], together: [Nanoseconds?] = [], _ hours: OpenHours,
        from time: Timestamp
    ) {
        self.hours = hours
        singles = spans.map { _ in nil }
        crowds = hours.kinds.map { _ in nil }
        unitsOf = hours.kinds.map { _ in [] }
        for (index, span) in spans.enumerated() {
            guard let span else { continue }
            singles[index] = add([index], hours.kind(of: index), span, time)
        }
        for kind in hours.kinds.indices {
            let crowd = together.indices.filter { index in
                together[index] != nil && hours.kind(of: index) == kind
            }
            guard let span = crowd.compactMap({ together[$0] }).min() else { continue }
            crowds[kind] = add(crowd, kind, span, time)
        }
        due = nextDue(after: time)
    }

    private mutating func add(
        _ instruments: [Int], _ kind: Int, _ span: Nanoseconds, _ time: Timestamp
    ) -> Int {
        let mark = hours.opened(kind, at: time)
        unitsOf[kind].append(units.count)
        units.append(
            Unit(
                instruments: instruments.map { InstrumentID($0) }, kind: kind, span: span,
                last: time, mark: mark))
        return units.count - 1
    }

    /// Of what was found silent again and again, session for session, the last time.
    static func lastOfEach(_ findings: [Finding]) -> [Finding] {
        guard findings.count > 1 else { return findings }
        var seen: Set<[InstrumentID]> = []
        var kept: [Finding] = []
        for finding in findings.reversed() {
            guard case .silent(let silences, let isAll) = finding else {
                kept.append(finding)
                continue
            }
            let left = silences.filter { seen.insert($0.instruments).inserted }
            if !left.isEmpty { kept.append(.silent(left, isAll: isAll)) }
        }
        return kept.reversed()
    }

    /// - Parameter time: That of ``pass(to:)``.
    mutating func took(_ instrument: InstrumentID, at time: Timestamp) {
        let index = Int(instrument.index)
        guard index < singles.count else { return }
        let kind = hours.kind(of: index)
        guard singles[index] != nil || crowds[kind] != nil else { return }
        let opened = hours.opened(kind, at: time)
        if let unit = singles[index] { took(unit, instrument, at: time, opened) }
        if let unit = crowds[kind] { took(unit, instrument, at: time, opened) }
    }

    private mutating func took(
        _ unit: Int, _ instrument: InstrumentID, at time: Timestamp, _ opened: Int64
    ) {
        if units[unit].isTold {
            let length = opened - units[unit].mark
            returned.append(silence(units[unit], until: time, length, by: instrument))
            let grid = min(Self.gathering, Self.look(units[unit].span))
            due = min(due, Self.grid(grid, from: time.advanced(by: Nanoseconds(1))))
        }
        units[unit].last = max(units[unit].last, time)
        units[unit].mark = max(units[unit].mark, opened)
        units[unit].hadData = true
        units[unit].isTold = false
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
        hours.go(to: time)
        var silent: [Silence] = []
        var isAll = true
        for kind in unitsOf.indices where hours.kinds[kind].holds(time) {
            let walk = hours.kinds[kind]
            let opened = walk.opened(at: time)
            for unit in unitsOf[kind] where !units[unit].isTold(in: walk) {
                let length = opened - units[unit].start(walk)
                guard length >= units[unit].span.count else {
                    isAll = false
                    continue
                }
                silent.append(silence(units[unit], until: time, length))
                units[unit].isTold = true
                (units[unit].toldIn, units[unit].toldMark) = (walk.first, opened)
            }
        }
        if !silent.isEmpty { findings.append(.silent(silent, isAll: isAll)) }
    }

    /// Where all is closed that is the next opening, and nobody is asked.
    private mutating func nextDue(after time: Timestamp) -> Timestamp {
        hours.go(to: time)
        var next = Timestamp.distantFuture
        for kind in unitsOf.indices where !unitsOf[kind].isEmpty {
            let walk = hours.kinds[kind]
            guard walk.holds(time) else {
                next = min(next, walk.first)
                continue
            }
            // The session behind it is looked up then.
            next = min(next, walk.end)
            for unit in unitsOf[kind] where !units[unit].isTold(in: walk) {
                next = min(next, Self.due(units[unit], walk))
            }
        }
        return next
    }

    private static func due(_ unit: Unit, _ walk: SessionWalk) -> Timestamp {
        let needed = Nanoseconds(unit.start(walk) - walk.before).count
        let (sum, overflow) = needed.addingReportingOverflow(unit.span.count)
        guard !overflow else { return walk.end }
        let moment = walk.first.advanced(by: Nanoseconds(max(0, sum)))
        guard moment < walk.end else { return walk.end }
        // What is over before the session is told in it.
        return min(grid(look(unit.span), from: moment), walk.end.advanced(by: Nanoseconds(-1)))
    }

    private static func look(_ span: Nanoseconds) -> Int64 { max(1, span.count / looks) }

    /// The first moment of a grid that is not before a time.
    private static func grid(_ grid: Int64, from time: Timestamp) -> Timestamp {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(grid - 1)
        return overflow ? .distantFuture : Timestamp(nanoseconds: floorDivide(sum, grid) * grid)
    }

    private func silence(
        _ unit: Unit, until time: Timestamp, _ length: Int64, by: InstrumentID? = nil
    ) -> Silence {
        Silence(
            instruments: unit.instruments, since: unit.last, hadData: unit.hadData, until: time,
            length: Nanoseconds(length), by: by)
    }
}
