import Ports

@testable import Notifications

/// An outbox and its channels, by hand: whole seconds, and answers as the test gives them.
struct OutboxBench {
    static let second: Int64 = 1_000_000_000
    static let start = 1_700_000_000 * second
    var outbox: Outbox
    /// Records that are durable.
    private(set) var records: [OutboxRecord] = []

    init(_ plans: OutboxDestination...) { outbox = Outbox(plans, seed: 1) }

    /// A start behind these records, each as it is written.
    init(_ plans: OutboxDestination..., from records: [OutboxRecord], at seconds: Int64) throws {
        outbox = Outbox(plans, seed: 1)
        for record in records { outbox.apply(try OutboxRecord(bytes: record.bytes)) }
        outbox.recovered(at: Self.at(seconds))
    }

    static func at(_ seconds: Int64) -> Outbox.Moment {
        .init(monotonic: seconds * second, utc: start + seconds * second)
    }

    static func plan(
        _ name: String, lane: Int = 0, origin: UInt64 = 0, paces: [ChannelLimits.Pace] = [],
        from level: Severity = .info
    ) -> OutboxDestination {
        OutboxDestination(
            name: name, lane: lane, limits: ChannelLimits(length: 4_096, paces: paces),
            texts: Texts(.en), origin: origin, from: level)
    }

    /// The words are `<number>`.
    mutating func offer(
        _ number: UInt64, _ severity: Severity = .info, to names: String..., at seconds: Int64,
        clock: String = "", topic: Topic = .alert
    ) {
        outbox.offer(
            Message(
                id: MessageID(source: "r", record: number, index: 0), severity: severity,
                topic: topic, clock: clock),
            to: names.map { Route(to: $0, text: "<\(number)>") }, at: Self.at(seconds))
        records += outbox.takeRecords()
    }

    /// - Parameter answer: To the letter of a destination, by its number.
    /// - Returns: What leaves at that second, as `name: text`.
    @discardableResult
    mutating func send(
        at seconds: Int64, _ answer: (Int) -> Delivery = { _ in .delivered(pause: 0) }
    ) -> [String] {
        let letters = outbox.next(at: Self.at(seconds)).letters
        for outgoing in letters {
            outbox.answered(
                outgoing.destination, answer(outgoing.destination), at: Self.at(seconds))
        }
        records += outbox.takeRecords()
        return letters.map { "\(outbox.names[$0.destination]): \($0.letter.text)" }
    }

    mutating func send(at seconds: Int64, _ answer: Delivery) -> [String] {
        send(at: seconds) { _ in answer }
    }

    /// All that leaves in these seconds and arrives.
    mutating func send(in seconds: Range<Int64>) -> [String] {
        seconds.flatMap { send(at: $0) }
    }

    /// Where the next letter of the first destination would go; `nil`: where the configuration says.
    mutating func address(at seconds: Int64) -> String? {
        outbox.next(at: Self.at(seconds)).letters.first?.letter.address
    }

    mutating func notices() -> [Outbox.Notice] { outbox.takeNotices() }
}
