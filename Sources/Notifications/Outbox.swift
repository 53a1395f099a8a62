package import Ports
import TradingModel

/// What waits to be told to people, and what may be sent next: a value without clock or I/O.
///
/// Everything that a restart must know changes through an ``OutboxRecord``: live it is applied as it is decided, in
/// recovery as it is read. Order holds for each destination among urgent messages and among the others; urgent ones
/// go first. A destination has one letter under way at most and never delays another.
///
/// What is unknown: a letter whose outcome is unknown is sent again, marked as a possible repetition. A restart knows
/// nothing of a letter that was under way: that is unknown, too. Once nothing can be made durable a restart knows
/// of no letter that left since: each says that it may be a repetition.
///
/// What is too much: past ``Settings/capacity``, and where naming each would take too long, messages are only counted,
/// and the count is told. Information goes before warnings: those are named as long as there is room for them at all.
package struct Outbox {
    package struct Settings: Hashable, Sendable {
        /// Entries of a destination, urgent and others each; past it some are only counted.
        package var capacity = 1_000
        /// From so many waiting entries on they are folded.
        package var foldFrom = 3
        /// ns that the letters to name what waits may take; past it a digest says how many more there are.
        package var nameWithin: Int64 = 5_000_000_000
        /// ns: urgent, warning, info.
        package var expiry: [Int64] = [7 * 86_400, 3 * 86_400, 86_400].map { $0 * 1_000_000_000 }
        /// ns of the first wait after a failure, and of the longest.
        package var backOff: ClosedRange<Int64> = 1_000_000_000...30_000_000_000
        /// Failures in a row after which a channel counts as down, and ns from the first of them: what comes sooner.
        package var downAfter = 5
        package var downWithin: Int64 = 15_000_000_000
        /// ns that a service may ask to wait without counting as down.
        package var heldWithin: Int64 = 60_000_000_000
        /// ns from one try of a dead channel to the next: somebody may have mended it.
        package var probeEvery: Int64 = 600_000_000_000
        /// ns after which a letter says when its event was, and after which it says the day as well.
        package var lateAfter: Int64 = 60_000_000_000
        package var dayAfter: Int64 = 12 * 3_600_000_000_000
        package init() {}
    }

    /// The same instant by both clocks: durations are monotonic, ages that outlive a start are UTC.
    package struct Moment: Hashable, Sendable {
        package var monotonic: Int64
        package var utc: Int64
        package init(monotonic: Int64, utc: Int64) {
            self.monotonic = monotonic
            self.utc = utc
        }
    }

    /// What people see of a destination: a service that was asked to be left alone is so for a time.
    struct Condition: Hashable, Sendable {
        var health = ChannelStanding.State.alive
        var since: Moment?
        /// Monotonic ns.
        var throttledUntil: Int64?

        func state(at now: Int64) -> ChannelStanding.State {
            guard health != .dead, let until = throttledUntil, now < until else { return health }
            return .throttled
        }
    }

    /// What the operator should know.
    package enum Notice: Hashable, Sendable {
        case down(String, reason: String)
        case dead(String, reason: String)
        case back(String, waiting: Int)
        case moved(String)
        case givenUp(String, reason: String)
    }

    let settings: Settings
    var destinations: [DestinationState]
    var lanes: [Pacing]
    /// The newest id of each source, the source changed last at the end.
    private(set) var marks: [MessageID] = []
    private var random: SplitMix64
    /// Decided since they were last taken, to be made durable.
    private var decided: [OutboxRecord] = []
    private(set) var noticed: [Notice] = []
    /// Nothing is written down any more.
    var isUnkept = false

    /// - Parameter seed: Of the jitter.
    package init(
        _ plans: [OutboxDestination], seed: UInt64, settings: Settings = Settings()
    ) {
        self.settings = settings
        random = SplitMix64(seed)
        destinations = plans.map(DestinationState.init)
        let count = (plans.map(\.lane).max() ?? -1) + 1
        lanes = (0..<count).map { lane in
            Pacing(plans.first { $0.lane == lane }?.limits.lanePaces ?? [])
        }
    }

    package var names: [String] { destinations.map(\.plan.name) }

    /// Records to be made durable before any letter is sent; then forgotten.
    package mutating func takeRecords() -> [OutboxRecord] {
        defer { decided = [] }
        return decided
    }

    package mutating func takeNotices() -> [Notice] {
        defer { noticed = [] }
        return noticed
    }

    mutating func emit(_ record: OutboxRecord) {
        apply(record)
        decided.append(record)
    }

    mutating func notice(_ notice: Notice) { noticed.append(notice) }

    mutating func jitter() -> UInt64 { random.next() }

    // MARK: Taking

    /// - Returns: False when it was offered before: its id is not above its source's mark.
    @discardableResult
    package mutating func offer(_ message: Message, to routes: [Route], at now: Moment) -> Bool {
        guard isNew(message.id) else { return false }
        var routes = routes.filter { index(of: $0.destination) != nil }
        if message.severity.isUrgent { addLivingRoute(&routes) }
        guard !routes.isEmpty else {
            // It was told to everybody who hears of such: to none. A start that has others does not tell it again.
            emit(.folded(message.id, []))
            return false
        }
        emit(.queued(message, utc: now.utc, routes))
        for route in routes { makeRoom(route.destination) }
        return true
    }

    /// Takes the count alone of messages up to `id`.
    @discardableResult
    package mutating func fold(_ counts: [String: Int], upTo id: MessageID) -> Bool {
        guard isNew(id) else { return false }
        emit(
            .folded(
                id,
                names.compactMap { name in
                    counts[name].map { FoldedRoute(destination: name, count: $0) }
                }))
        return true
    }

    private func isNew(_ id: MessageID) -> Bool {
        marks.first { $0.source == id.source }.map { $0 < id } ?? true
    }

    /// Something urgent that only dead channels would hear is told on one that lives.
    private func addLivingRoute(_ routes: inout [Route]) {
        let reached = routes.compactMap { index(of: $0.destination) }
        guard let text = routes.first?.text,
            !reached.contains(where: { destinations[$0].health == .up }),
            let living = destinations.first(where: { $0.health == .up })
        else { return }
        routes.append(Route(to: living.plan.name, text: text))
    }

    private mutating func makeRoom(_ name: String) {
        guard let index = index(of: name) else { return }
        let state = destinations[index]
        for isUrgent in [true, false] {
            let count = isUrgent ? state.urgent.count : state.ordinary.count
            // A letter under way keeps its entries: there may be so many more for a while.
            let free = count - state.firstFree(isUrgent: isUrgent)
            let excess = min(count - settings.capacity, free)
            if excess > 0 { emit(.dropped(name, count: excess, isUrgent: isUrgent)) }
        }
    }

    func index(of name: String) -> Int? { destinations.firstIndex { $0.plan.name == name } }

    // MARK: Records

    /// Changes what a record says. Records of destinations that are no longer there change only marks.
    package mutating func apply(_ record: OutboxRecord) {
        switch record {
        case .queued(let message, let utc, let routes):
            mark(message.id)
            for route in routes {
                change(route.destination) {
                    $0.add(
                        OutboxEntry(
                            message: message, utc: utc, text: route.text,
                            isAlone: routes.count == 1))
                }
            }
        case .folded(let id, let routes):
            mark(id)
            for route in routes { change(route.destination) { $0.tally += route.count } }
        case .dropped(let name, let count, let isUrgent):
            change(name) { $0.drop(count, isUrgent: isUrgent) }
        case .expired(let name, let count, let isUrgent):
            change(name) { $0.expire(count, isUrgent: isUrgent) }
        case .sending(let name, let content): change(name) { $0.underWay = content }
        case .delivered(let name): change(name) { $0.end(.delivered) }
        case .notSent(let name, let isPlain): change(name) { $0.end(.notSent(isPlain: isPlain)) }
        case .unknown(let name): change(name) { $0.end(.unknown) }
        case .givenUp(let name, _): change(name) { $0.end(.givenUp) }
        case .moved(let name, let address, let origin):
            change(name) { if $0.plan.origin == origin { $0.address = address } }
        case .kept(let name, let entry):
            if entry.isAlone { noteHandedOn(entry.message.id) }
            change(name) { $0.add(entry) }
        }
    }

    private mutating func change(_ name: String, _ body: (inout DestinationState) -> Void) {
        guard let index = index(of: name) else { return }
        body(&destinations[index])
    }

    /// Somebody else has it from here on: it is not handed on twice.
    private mutating func noteHandedOn(_ id: MessageID) {
        for index in destinations.indices {
            for place in destinations[index].urgent.indices
            where destinations[index].urgent[place].message.id == id {
                destinations[index].urgent[place].isAlone = false
            }
        }
    }

    private mutating func mark(_ id: MessageID) {
        let old = marks.firstIndex { $0.source == id.source }
        let newest = old.map { max(marks.remove(at: $0), id) } ?? id
        marks.append(newest)
        if marks.count > 64 { marks.removeFirst() }
    }

    /// Behind the last record of the log: what was under way has an unknown outcome.
    ///
    /// The other side may have counted a letter just before: each destination begins as if it had.
    package mutating func recovered(at now: Moment) {
        for index in destinations.indices where !marks.isEmpty {
            destinations[index].pacing.count(at: now.monotonic)
        }
        for name in names {
            guard let index = index(of: name), destinations[index].underWay != nil else { continue }
            emit(.unknown(name))
        }
    }

    /// Records that make this state from nothing: for a new log.
    package var snapshot: [OutboxRecord] {
        var records = marks.map { OutboxRecord.folded($0, []) }
        for state in destinations {
            let name = state.plan.name
            if let address = state.address {
                records.append(.moved(name, address: address, of: state.plan.origin))
            }
            records += (state.urgent + state.ordinary).map { .kept(name, $0) }
            if state.tally > 0, let mark = marks.last {
                records.append(.folded(mark, [FoldedRoute(destination: name, count: state.tally)]))
            }
            if let content = state.underWay { records.append(.sending(name, content)) }
        }
        return records
    }
}
