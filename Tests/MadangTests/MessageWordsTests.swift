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
}
