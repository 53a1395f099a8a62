import Rules
import Strategies
import TradingModel

/// How attachments become contiguous seats and desks, by instrument.
struct Layout {
    var books: [Book] = []
    var seats: [Seat] = []
    /// Of the seats, in their order.
    var slots: [StrategySlot] = []
    /// By instrument.
    var watches: [PriceWatch] = []
    var desks: [Desk] = []
    var deskIndex: [DeskKey: Int] = [:]
    var serverSeats: [SourceID: [InstrumentID: [ServerSeat]]] = [:]

    /// Those that are in the middle of their work, by what they are attached to.
    private let working: [SeatKey: StrategySlot]

    /// - Parameters:
    ///   - desks: That stay, attached to or not.
    ///   - working: Strategies that go on, or were made ready; the others begin as the plan has them.
    init(
        _ plan: KernelPlan, keeping desks: [DeskKey] = [], working: [SeatKey: StrategySlot] = [:]
    ) {
        self.working = working
        var byInstrument: [[Attachment]] = plan.instruments.map { _ in [] }
        for attachment in plan.attachments {
            byInstrument[Int(attachment.instrument.index)].append(attachment)
        }
        var kept: [Set<AccountID>] = plan.instruments.map { _ in [] }
        for desk in desks { kept[Int(desk.instrument.index)].insert(desk.account) }
        for index in byInstrument.indices {
            addBook(InstrumentID(index), byInstrument[index], kept[index])
        }
    }

    private mutating func addBook(
        _ instrument: InstrumentID, _ attached: [Attachment], _ kept: Set<AccountID>
    ) {
        let firstDesk = desks.count
        for account in kept.union(attached.map(\.account)).sorted() {
            let key = DeskKey(account: account, instrument: instrument)
            deskIndex[key] = desks.count
            desks.append(Desk(key: key, voters: attached.filter { $0.account == account }.voters))
        }
        let firstSeat = seats.count
        let onTicks = attached.filter { $0.input == .ticks }
        for attachment in onTicks where Self.watched(attachment) == nil { add(attachment) }
        let firstWatchedSeat = seats.count
        for attachment in onTicks where Self.watched(attachment) != nil { add(attachment) }
        let watch = PriceWatch(
            onTicks.compactMap { attachment in
                Self.watched(attachment).map { ($0, isTrue(attachment)) }
            })
        watches.append(watch)
        let firstCandleSeat = seats.count
        for attachment in attached where attachment.input != .ticks { add(attachment) }
        let isAlone = firstWatchedSeat == firstSeat + 1
        books.append(
            Book(
                lower: watch.lower, upper: watch.upper,
                means: isAlone ? seats[firstSeat].means : nil, firstSeat: Int32(firstSeat),
                firstWatchedSeat: Int32(firstWatchedSeat),
                firstCandleSeat: Int32(firstCandleSeat), endSeat: Int32(seats.count),
                desks: firstDesk..<desks.count))
    }

    private static func watched(_ attachment: Attachment) -> PriceThreshold? {
        (attachment.strategy as? RuleStrategy)?.watched
    }

    /// Whether a watched rule holds already.
    private func isTrue(_ attachment: Attachment) -> Bool {
        (working[SeatKey(attachment)]?.value as? RuleStrategy)?.isTrue ?? false
    }

    private mutating func add(_ attachment: Attachment) {
        let key = DeskKey(account: attachment.account, instrument: attachment.instrument)
        guard let desk = deskIndex[key] else { return }
        if let strategy = attachment.strategy {
            let slot = working[SeatKey(attachment)] ?? strategy.slot()
            slots.append(slot)
            seats.append(
                Seat(
                    state: slot.state, means: slot.means, onTick: slot.onTick,
                    onCrossing: slot.onCrossing,
                    terms: Terms(attachment), desk: desk))
        } else {
            serverSeats[attachment.source, default: [:]][attachment.instrument, default: []]
                .append(ServerSeat(terms: Terms(attachment), desk: desk))
        }
    }
}
