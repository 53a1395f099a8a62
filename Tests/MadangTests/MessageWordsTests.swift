import Foundation
import Ports
import Testing
import TradingModel

@testable import Madang

/// What goes along with a message: when it was, as its account reads the clock.
@Suite struct MessageWordsTests {
    @Test func theDayGoesAlongForMessagesThatComeLate() throws {
        var configuration = try #require(SampleConfiguration.shared)
        configuration.accounts[0].timeZone = "Asia/Seoul"
        configuration.channels = [
            ChannelSetting(name: "screen", language: .en, place: .console)
        ]
        let words = MessageWords(configuration)
        // 2026-11-27T23:31:06Z is the next morning in Seoul.
        let time = Timestamp(nanoseconds: 1_795_822_266_000_000_000)
        let id = MessageID(source: "r", record: 1, index: 0)
        let event = RunNews.Event.killed(isOn: true, part: nil, reason: "by hand")
        let told = words.message(
            RunNews(place: nil, time: time, account: AccountID(0), event: event), as: id)
        #expect(told.0.clock == "2026-11-28 08:31:06")
        let undated = words.message(
            RunNews(place: nil, time: .zero, account: AccountID(0), event: event), as: id)
        #expect(undated.0.clock == "")
    }

    /// One that tells the channel `woken` alone.
    private static func rules() throws -> [RuleSetting] {
        let configuration = try SampleConfiguration.load(
            """
            rules: [{ name: chosen, when: "price > 1", on: ticks, then: alert, channels: [woken] }]
            channels: { woken: { kind: console, from: critical } }
            """)
        #expect(configuration.channels.map(\.from) == [.critical])
        return configuration.rules
    }

    /// R14.2: each channel hears what is as grave as it wants, and graver; a rule that names a channel has chosen it.
    @Test func messagesGoByTheirSeverity() throws {
        var configuration = try #require(SampleConfiguration.shared)
        configuration.channels = [
            ChannelSetting(name: "all", language: .en, place: .console),
            ChannelSetting(name: "warned", language: .ko, place: .console, from: .warning),
            ChannelSetting(name: "woken", language: .en, place: .console, from: .critical),
        ]
        configuration.rules = try Self.rules()
        let words = MessageWords(configuration)
        func heard(_ event: RunNews.Event) -> [String] {
            words.message(
                RunNews(place: nil, time: .zero, account: nil, event: event),
                as: MessageID(source: "r", record: 1, index: 0)
            ).1.map(\.destination)
        }
        func alert(_ source: String) -> RunNews.Event {
            .alert(
                AlertNews(source: source, symbol: "A", price: nil, currency: "KRW", words: ""))
        }
        #expect(heard(alert("other")) == ["all"])
        #expect(heard(alert("chosen")) == ["woken"])
        #expect(
            heard(.orderEnded(symbol: "A", order: "1", part: nil, reason: "x")) == [
                "all", "warned",
            ])
        #expect(heard(.failSafe(.rateLimited, .info, "x")) == ["all"])
        #expect(heard(.killed(isOn: true, part: nil, reason: "x")) == ["all", "warned", "woken"])
        #expect(
            heard(.server("s", .quarantined, detail: "")) == ["all", "warned", "woken"])

        func stopped(_ isFailure: Bool, _ held: Int) -> [String] {
            words.stop(
                "x", isFailure: isFailure, left: LeftOpen(positions: held),
                as: MessageID(source: "r", record: 1, index: 0)
            ).1.map(\.destination)
        }
        #expect(stopped(false, 0) == ["all"])
        #expect(stopped(true, 0) == ["all", "warned"] && stopped(false, 1) == ["all", "warned"])
        #expect(stopped(true, 1) == ["all", "warned", "woken"], "nobody guards what is open")
    }

    /// A run that is over guards nothing of what it leaves at a broker outside.
    @Test(arguments: [true, false]) func theEndSaysWhatStaysAtTheBroker(_ isOutside: Bool) throws {
        var configuration = try #require(SampleConfiguration.shared)
        configuration.channels = [
            ChannelSetting(name: "phone", language: .ko, place: .console)
        ]
        var summary = RunSummary()
        summary.held = 2
        let told = MessageWords(configuration, isOutside: isOutside).message(
            RunNews(place: nil, time: .zero, account: nil, event: .finished(summary)),
            as: MessageID(source: "r", record: 1, index: 0)
        ).1.map(\.text)
        #expect(
            told.first?.hasSuffix("보유 종목 2개가 증권사에 남아 있고, 지키는 것이 없습니다") == isOutside, "\(told)")
    }

    /// Whatever ends a run, it says how many positions are left to themselves.
    @Test func aStopThatAFailureCausedSaysWhatIsLeft() throws {
        var configuration = try #require(SampleConfiguration.shared)
        configuration.channels = [
            ChannelSetting(name: "screen", language: .en, place: .console),
            ChannelSetting(name: "phone", language: .ko, place: .console),
        ]
        let told = MessageWords(configuration).stop(
            "ticks.csv:3: no price", isFailure: true, left: LeftOpen(positions: 3, orders: 2),
            as: MessageID(source: "r", record: 1, index: 0)
        ).1.map(\.text)
        #expect(
            told == [
                "[CRITICAL] Run stopped: ticks.csv:3: no price\n"
                    + "3 positions stay open, guarded by nobody meanwhile\n"
                    + "2 orders stay open at the broker and may fill meanwhile",
                "[CRITICAL] 실행 중단: ticks.csv:3: no price\n"
                    + "보유 종목 3개는 그동안 아무도 지키지 않습니다\n"
                    + "주문 2건이 증권사에 남아 있어 그사이 체결될 수 있습니다",
            ])
    }
}
