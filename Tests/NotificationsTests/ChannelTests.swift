import HTTPTransport
import Platform
import Ports
import Testing

@testable import Notifications

/// What each answer means, from services as strict as the real ones.
@Suite(.serialized) struct ChannelTests {
    /// A class of answers, without its words.
    enum Kind: Equatable {
        case delivered, throttled(Bool), transient, content, destinationDead, credentialsDead
        case moved(String)
        case unknown

        init(_ delivery: Delivery) {
            self =
                switch delivery {
                case .delivered: .delivered
                case .throttled(_, let lane): .throttled(lane)
                case .transient: .transient
                case .contentFault: .content
                case .destinationDead: .destinationDead
                case .credentialsDead: .credentialsDead
                case .moved(let address): .moved(address)
                case .unknownOutcome: .unknown
                }
        }
    }
    private static let letter = Letter(severity: .info, text: "매수 체결 <005930> & 10주\nsecond line")

    private func telegram(_ simulator: Simulator, chat: String = "42") -> TelegramChannel {
        TelegramChannel(
            simulator.client, token: Secret(simulator.token), chat: Secret(chat),
            base: simulator.base)
    }
    private func discord(_ simulator: Simulator) -> DiscordChannel {
        DiscordChannel(
            simulator.client,
            webhook: Secret("\(simulator.base)/api/v10/webhooks/123/\(simulator.token)"))
    }

    @Test(
        arguments: [
            ("", .delivered), ("429 3", .throttled(true)), ("429:header 3", .throttled(true)),
            ("429:body 3", .throttled(true)), ("429:html 3", .throttled(true)),
            ("500", .transient), ("502:html", .unknown), ("401", .credentialsDead),
            ("404", .credentialsDead), ("400", .content), ("drop", .unknown), ("reset", .unknown),
            ("half", .unknown), ("garbage", .unknown), ("400:echo", .destinationDead),
            ("404:echo", .credentialsDead), ("500:echo", .transient), ("502:taken", .unknown),
            ("504:taken", .unknown), ("200:html", .unknown), ("401:html", .transient),
        ] as [(String, Kind)])
    func telegramAnswers(_ fault: String, _ kind: Kind) async throws {
        let simulator = try await Simulator(.telegram)
        try await simulator.set(#"{"faults": ["\#(fault)"]}"#)
        let delivery = await telegram(simulator).deliver(Self.letter)
        #expect(Kind(delivery) == kind, "\(delivery)")
        if case .throttled(let wait, _) = delivery { #expect(wait == 3_000_000_000) }
        expectNoSecret("\(delivery)", simulator)
    }

    @Test(
        arguments: [
            ("", .delivered), ("429 0.75", .throttled(false)), ("429:global 3", .throttled(true)),
            ("429:header 3", .throttled(false)), ("429:body 3", .throttled(false)),
            ("429:html 3", .throttled(false)), ("401", .credentialsDead),
            ("404", .destinationDead), ("400", .content), ("500", .transient),
            ("502", .transient), ("403:html", .transient), ("drop", .unknown), ("half", .unknown),
            ("reset", .unknown), ("400:echo", .destinationDead), ("404:echo", .destinationDead),
            ("500:echo", .transient), ("401:html", .transient), ("400:html", .transient),
            ("502:html", .unknown), ("502:taken", .unknown), ("504:taken", .unknown),
            ("200:html", .unknown), ("200:taken", .unknown),
        ] as [(String, Kind)])
    func discordAnswers(_ fault: String, _ kind: Kind) async throws {
        let simulator = try await Simulator(.discord)
        try await simulator.set(#"{"faults": ["\#(fault)"]}"#)
        let delivery = await discord(simulator).deliver(Self.letter)
        #expect(Kind(delivery) == kind, "\(delivery)")
        expectNoSecret("\(delivery)", simulator)
    }

    /// Taken, and then an edge said otherwise: the repetition says that it may be one.
    @Test(arguments: [.telegram, .discord] as [Simulator.Service])
    func whatWasTakenBehindAnErrorIsNotSentAgainAsNew(_ service: Simulator.Service) async throws {
        let simulator = try await Simulator(service)
        try await simulator.set(#"{"rates": false, "faults": ["502:taken"]}"#)
        let channel: any MessageChannel =
            service == .telegram ? telegram(simulator) : discord(simulator)
        let phone = OutboxDestination(
            name: "phone", lane: 0, limits: .init(length: 2_000), texts: .init(.en))
        var outbox = Outbox([phone], seed: 1)
        let message = Message(
            id: MessageID(source: "run", record: 1, index: 0), severity: .critical, topic: .kill,
            clock: "")
        outbox.offer(
            message, to: [Route(to: "phone", text: "kill")], at: .init(monotonic: 0, utc: 0))
        for minute in 0..<2 as Range<Int64> {
            let now = Outbox.Moment(monotonic: minute * 60_000_000_000, utc: 0)
            for outgoing in outbox.next(at: now).letters {
                outbox.answered(0, await channel.deliver(outgoing.letter), at: now)
            }
        }
        #expect(outbox.isIdle)
        let texts = try await simulator.seen().texts
        #expect(texts.map { $0.contains("(may be a repetition)") } == [false, true], "\(texts)")
    }

    @Test func whatArrivesIsWhatWasWritten() async throws {
        let simulator = try await Simulator(.telegram)
        #expect(Kind(await telegram(simulator).deliver(Self.letter)) == .delivered)
        #expect(try await simulator.seen().texts == [Self.letter.text])
        let other = try await Simulator(.discord)
        #expect(Kind(await discord(other).deliver(Self.letter)) == .delivered)
        let everyone = Letter(severity: .info, text: "*bold* _it_ @everyone `x` a|b ~ \\")
        #expect(Kind(await discord(other).deliver(everyone)) == .delivered)
        let seen = try await other.seen()
        #expect(seen.texts == [Self.letter.text, everyone.text])
        #expect(seen.accepted.allSatisfy { $0.pinged != true }, "nobody is called")
    }

    @Test func chatsThatAreGoneOrMovedAreTold() async throws {
        let simulator = try await Simulator(.telegram)
        try await simulator.set(
            #"{"rates": false, "chats": {"-5": {"kind": "group", "migrated": -1005}, "-1005": {"kind": "group"}, "7": {"kind": "private", "blocked": true}, "-8": {"kind": "group", "deleted": true}}}"#
        )
        #expect(Kind(await telegram(simulator, chat: "9").deliver(Self.letter)) == .destinationDead)
        #expect(Kind(await telegram(simulator, chat: "7").deliver(Self.letter)) == .destinationDead)
        #expect(
            Kind(await telegram(simulator, chat: "-8").deliver(Self.letter)) == .destinationDead)
        let channel = telegram(simulator, chat: "-5")
        #expect(Kind(await channel.deliver(Self.letter)) == .moved("-1005"))
        let again = Letter(severity: .info, text: "again", address: "-1005")
        #expect(Kind(await channel.deliver(again)) == .delivered)
        #expect(try await simulator.seen().accepted.map(\.chat) == ["-1005"])
    }

    @Test func lettersAtTheLimitAreTakenAndOverItRefused() async throws {
        let simulator = try await Simulator(.telegram)
        try await simulator.set(#"{"rates": false}"#)
        let longest = String(repeating: "😀", count: 2_048)
        let channel = telegram(simulator)
        #expect(Kind(await channel.deliver(Letter(severity: .info, text: longest))) == .delivered)
        #expect(
            Kind(await channel.deliver(Letter(severity: .info, text: longest + "a"))) == .content)
        let dead = TelegramChannel(
            HTTPClient(), token: Secret(simulator.token), chat: Secret("42"),
            base: "http://127.0.0.1:1")
        let delivery = await dead.deliver(Self.letter)
        #expect(Kind(delivery) == .transient, "nothing listens: certainly not sent")
        expectNoSecret("\(delivery)", simulator)
    }

    /// Nowhere: not in words, not in what a debugger or a dump prints.
    private func expectNoSecret(_ text: String, _ simulator: Simulator) {
        var printed = text
        dump(telegram(simulator), to: &printed)
        dump(discord(simulator), to: &printed)
        #expect(!printed.contains("CANARY"), "\(printed)")
    }
}
