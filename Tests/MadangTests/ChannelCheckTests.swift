import Platform
import Ports
import Synchronization
import Testing
import TradingModel

@testable import Madang

/// A test message: to whom it goes, and what is told of each answer.
@Suite struct ChannelCheckTests {
    private static let phone = ChannelSetting(
        name: "phone", language: .ko,
        place: .telegram(token: Secret("1:x"), chat: "42", url: "https://api.telegram.org"))
    private static let group = ChannelSetting(
        name: "group", language: .en,
        place: .telegram(token: Secret("1:x"), chat: "-1001", url: "https://api.telegram.org"))
    private static let desk = ChannelSetting(
        name: "desk", language: .en, place: .discord(webhook: Secret("https://d/x")))
    private static let screen = ChannelSetting(name: "screen", language: .en, place: .console)

    /// What was sent, each as `name: text`.
    private final class Sent: Sendable {
        let letters = Mutex<[String]>([])
    }

    private func environment(
        _ channels: [ChannelSetting], _ delivery: Delivery, to sent: Sent = Sent()
    ) -> DoctorEnvironment {
        var environment = DoctorEnvironment.sample()
        let clock = ManualClock(monotonic: 0, utc: 0)
        environment.clock = clock
        environment.configuration?.channels = channels
        environment.deliver = { channel, letter in
            sent.letters.withLock { $0.append("\(channel.name): \(letter.text)") }
            clock.advance(by: 132_000_000)
            return delivery
        }
        return environment
    }

    @Test func withoutBeingAskedNothingIsSent() async {
        let sent = Sent()
        let environment = environment([Self.phone, Self.desk], .delivered(pause: 0), to: sent)
        let findings = await ChannelCheck().run(environment)
        #expect(
            findings.map(\.what) == [
                "phone: Telegram, ko; not called", "desk: Discord, en; not called",
            ])
        #expect(sent.letters.withLock { $0 } == [])
    }

    /// Who hears less than all is told so, before anybody waits for a message that does not come.
    @Test func fromWhichSeverityOnAChannelHearsIsTold() async {
        var (desk, screen) = (Self.desk, Self.screen)
        (desk.from, screen.from) = (.warning, .critical)
        let findings = await ChannelCheck().run(
            environment([desk, screen, Self.phone], .delivered(pause: 0)))
        #expect(
            findings.map(\.what) == [
                "desk: Discord, en, from warning on; not called",
                "screen: the console, en, from critical on; not called",
                "phone: Telegram, ko; not called",
            ])
        // A test message is no part of it: it is what was asked for.
        let tested = await ChannelCheck(tested: ["desk"]).run(
            environment([desk], .delivered(pause: 0)))
        #expect(tested.first?.what.contains("test message sent") == true)
        #expect(tested.first?.what.contains("a run tells it warning and what is graver") == true)
    }

    @Test(
        arguments: [
            (["phone"], ["phone"]), (["all"], ["desk", "phone", "screen"]),
            (["desk", "phone"], ["desk", "phone"]), (["phone", "phone"], ["phone"]),
            (["all", "phone"], ["desk", "phone", "screen"]), (["phone", "pager"], []),
        ] as [([String], [String])])
    func whoIsNamedIsSentOneMessage(_ names: [String], _ expected: [String]) async {
        let sent = Sent()
        let environment = environment(
            [Self.phone, Self.desk, Self.screen], .delivered(pause: 0), to: sent)
        let findings = await ChannelCheck(tested: names).run(environment)
        let letters = sent.letters.withLock { $0 }
        #expect(letters.map { String($0.prefix { $0 != ":" }) }.sorted() == expected)
        for letter in letters {
            #expect(letter.contains(letter.hasPrefix("phone") ? "시험 메시지" : "Test message"))
        }
        #expect(findings.count { $0.what.contains("Telegram took it in 132 ms") } <= 1)
        #expect(findings.allSatisfy { ($0.level == .wrong) == expected.isEmpty })
    }

    /// Beside a test message, too; a channel that is owed nothing has no line.
    @Test(arguments: [[], ["phone"]])
    func whatWaitsIsToldAndIsAWarningWhereItIsOld(_ tested: [String]) async {
        var environment = environment([Self.phone, Self.desk, Self.group], .delivered(pause: 0))
        let now = environment.clock.utc()
        environment.backlogs = { folder, channels in
            #expect(folder == "/house/.madang" && channels == ["phone", "desk", "group"])
            return [
                "phone": .init(count: 31, oldest: now - 3 * 3_600_000_000_000),
                "desk": .init(count: 1, oldest: now - 60_000_000_000),
            ]
        }
        let waiting = await ChannelCheck(tested: tested).run(environment).dropFirst(3)
        #expect(waiting.map(\.level) == [.warning, .good])
        #expect(waiting.first?.what == "phone: 31 messages not sent yet, the oldest for 3 h")
        #expect(waiting.first?.next.contains("--send-test phone") == true)
        // The test message took a moment of it.
        let desk = "desk: 1 message not sent yet, the oldest for 60."
        #expect(waiting.last?.what.hasPrefix(desk) == true)

        environment.backlogs = { (_, _) throws(StoreError) in
            ["group": .init(count: 7, oldest: nil)]
        }
        let counted = await ChannelCheck(tested: tested).run(environment).last
        #expect(counted?.what == "group: 7 messages not sent yet" && counted?.level == .warning)
        environment.backlogs = { (_, _) throws(StoreError) in
            throw StoreError(.corrupt, "no\u{1B}[2J", at: "/house", advice: "move it")
        }
        let unread = await ChannelCheck(tested: tested).run(environment).last
        #expect(unread?.level == .warning && unread?.next == "move it")
        #expect(unread?.what.contains("/house: no") == true)
        #expect(unread?.what.contains("\u{1B}") == false)
    }

    @Test func aNameThatIsNoneIsToldWithTheNearest() async {
        let environment = environment([Self.phone], .delivered(pause: 0))
        let findings = await ChannelCheck(tested: ["phnoe"]).run(environment)
        #expect(findings.map(\.code) == [.refused])
        #expect(findings.first?.next == "did you mean 'phone'? the configuration has phone")
        let none = await ChannelCheck(tested: ["all"]).run(
            self.environment([], .delivered(pause: 0)))
        #expect(none.map(\.level) == [.wrong] && none.first?.code == .refused)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let channel: ChannelSetting
        let delivery: Delivery
        let what: String
        let next: String
        var testDescription: String { "\(channel.name) \(delivery)" }
        init(_ channel: ChannelSetting, _ delivery: Delivery, _ what: String, _ next: String) {
            self.channel = channel
            self.delivery = delivery
            self.what = what
            self.next = next
        }
    }

    @Test(arguments: [
        Answer(
            phone, .throttled(wait: 3_000_000_000, holdsLane: true), "nothing for 3.0 s", "wait"),
        Answer(phone, .credentialsDead("Unauthorized"), "Unauthorized", "@BotFather"),
        Answer(desk, .credentialsDead("Invalid Webhook Token"), "Invalid", "copy the webhook"),
        Answer(phone, .destinationDead("Bad Request: chat not found"), "chat not", "write /start"),
        Answer(group, .destinationDead("Bad Request: chat not found"), "chat", "add the bot"),
        Answer(phone, .destinationDead("Forbidden: bot was blocked"), "blocked", "unblock"),
        Answer(
            group, .destinationDead("Forbidden: bot is not a member of the group chat"),
            "not a member", "add the bot to chat -1001"),
        Answer(
            group, .destinationDead("Forbidden: the group chat was deleted"), "deleted", "another"),
        Answer(desk, .destinationDead("Unknown Webhook"), "Unknown", "make a new one"),
        Answer(group, .moved(to: "-1005"), "new number", "chat: \"-1005\""),
        Answer(phone, .transient("no connection: Connection refused"), "not sent", "network"),
        Answer(phone, .transient("HTTP 502"), "not sent: HTTP 502", "try again later"),
        Answer(phone, .unknownOutcome("no whole answer in time"), "no whole answer", "look there"),
        Answer(
            desk, .unknownOutcome("an answer that is not Discord's: HTTP 200"), "HTTP 200",
            "see whether the webhook's address is right"),
        Answer(
            phone, .transient("an answer that is not Telegram's: HTTP 403"), "not sent: an answer",
            "see whether url https://api.telegram.org is right"),
        Answer(desk, .destinationDead("no thread"), "no thread", "its channel one of text"),
        Answer(phone, .contentFault("Bad\u{1B}[2J"), "refused the message: Bad", "url and chat"),
    ])
    func eachAnswerIsToldWithWhatToDo(_ answer: Answer) async {
        let environment = environment([answer.channel], answer.delivery)
        let findings = await ChannelCheck(tested: ["all"]).run(environment)
        #expect(findings.map(\.level) == [.wrong])
        #expect(findings.first?.code == .refused)
        #expect(findings.first?.what.contains(answer.what) == true, "\(findings)")
        #expect(findings.first?.next.contains(answer.next) == true, "\(findings)")
        #expect(findings.first?.what.contains("\u{1B}") == false)
    }
}
