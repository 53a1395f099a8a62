/// Weighs the programs that have a limit of memory, all in one walk over the process table, and
/// kills those beyond it. For the nursery's thread.
///
/// A walk follows four times a second, less often where it takes long: a twentieth of one
/// processor's time is the most that it costs. Numbers known to belong to others are not read
/// again before the next fresh walk, for numbers are given again.
struct ProcessScale {
    private let table: ProcessTable
    /// Monotonic ns; `nil` while nobody has a limit.
    private var next: Int64?
    private var strangers: Set<Int32> = []
    private var freshAt: Int64 = 0
    private var entries: [ProcessEntry] = []

    static let pause: Int64 = 250_000_000
    private static let freshness: Int64 = 2_000_000_000

    init(table: ProcessTable) { self.table = table }

    /// When ``weigh(_:at:by:)`` has something to do.
    func due(_ children: [Int32: ProcessChild]) -> Int64? {
        guard children.values.contains(where: { $0.isWeighed }) else { return nil }
        return next ?? 0
    }

    mutating func weigh(
        _ children: [Int32: ProcessChild], at now: Int64, by clock: HostClock
    ) {
        guard let due = due(children) else {
            next = nil
            return
        }
        guard due <= now else { return }
        let begun = clock.ofThread()
        look(at: now)
        for child in children.values where child.isWeighed { weigh(child, at: now, by: clock) }
        for entry in entries where !children.values.contains(where: { $0.owns(entry) }) {
            strangers.insert(entry.id)
        }
        next = now + max(Self.pause, (clock.ofThread() - begun) * 20)
    }

    /// What is new, and everybody who is no stranger.
    private mutating func look(at now: Int64) {
        if now >= freshAt {
            strangers.removeAll(keepingCapacity: true)
            freshAt = now + Self.freshness
        }
        entries.removeAll(keepingCapacity: true)
        let (known, table) = (strangers, table)
        var seen: [ProcessEntry] = []
        swap(&seen, &entries)
        table.numbers { id in
            guard !known.contains(id), let entry = table.entry(of: id) else { return }
            seen.append(entry)
        }
        swap(&seen, &entries)
    }

    private func weigh(_ child: ProcessChild, at now: Int64, by clock: HostClock) {
        child.family.see(entries, except: child.spawned.warden)
        let excess = child.watch?.weigh(child.family, among: entries, table, at: now, by: clock)
        guard let excess else { return }
        child.excess = excess
        child.kill(reading: table)
    }
}

extension MemoryWatch {
    /// Reads what the decision asks for.
    ///
    /// - Parameter entries: Of every member, and of others.
    /// - Returns: What they have too much.
    mutating func weigh(
        _ family: ProcessFamily, among entries: [ProcessEntry], _ table: ProcessTable,
        at now: Int64, by clock: HostClock
    ) -> MemoryExcess? {
        let members = entries.lazy.filter { family.members[$0.id] == $0.start }
        let resident = members.map(\.pages).reduce(0, +) * table.pageSize
        var answer = sampled(resident, at: now)
        if answer == .weigh {
            let begun = clock.ofThread()
            let exact = members.map { entry in
                table.proportionalSize(of: entry.id) ?? entry.pages * table.pageSize
            }.reduce(0, +)
            answer = weighed(exact, of: resident, for: clock.ofThread() - begun, at: now)
        }
        guard case .end(let excess) = answer else { return nil }
        return excess
    }
}
