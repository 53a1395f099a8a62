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

    init(_ plan: KernelPlan) {
        var byInstrument: [[Attachment]] = plan.instruments.map { _ in [] }
        for attachment in plan.attachments {
            byInstrument[Int(attachment.instrument.index)].append(attachment)
        }
        for attached in byInstrument { addBook(attached) }
    }

    private mutating func addBook(_ attached: [Attachment]) {
        let firstDesk = desks.count
        for account in Set(attached.map(\.account)).sorted() {
            let key = DeskKey(account: account, instrument: attached[0].instrument)
            deskIndex[key] = desks.count
            desks.append(Desk(key: key, voters: attached.filter { $0.account == account }.voters))
        }
        let firstSeat = seats.count
        let onTicks = attached.filter { $0.input == .ticks }
        for attachment in onTicks where Self.watched(attachment) == nil { add(attachment) }
        let firstWatchedSeat = seats.count
        for attachment in onTicks where Self.watched(attachment) != nil { add(attachment) }
        let watch = PriceWatch(onTicks.compactMap(Self.watched))
        watches.append(watch)
        let firstCandleSeat = seats.count
        for attachment in attached where attachment.input != .ticks { add(attachment) }
        books.append(
            Book(
                last: nil, lower: watch.lower, upper: watch.upper, firstSeat: Int32(firstSeat),
                firstWatchedSeat: Int32(firstWatchedSeat),
                firstCandleSeat: Int32(firstCandleSeat), endSeat: Int32(seats.count),
                desks: firstDesk..<desks.count))
    }

    private static func watched(_ attachment: Attachment) -> PriceThreshold? {
        (attachment.strategy as? RuleStrategy)?.watched
    }

    private mutating func add(_ attachment: Attachment) {
        let key = DeskKey(account: attachment.account, instrument: attachment.instrument)
        guard let desk = deskIndex[key] else { return }
        if let strategy = attachment.strategy {
            let slot = strategy.slot()
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
