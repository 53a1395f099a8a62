import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Madang

/// What happened, below the tables.
@Suite struct LiveNoticeTests {
    private let now = 4 * LiveSamples.second

    @Test func theSameWordsAreShownOnceAndCounted() {
        var view = LiveSamples.view()
        for _ in 0..<3 {
            view.take(RunNotice(.warning, time: .zero, text: "the disk is slow"), now: now)
        }
        var again = LiveSamples.order(1)
        view.take(again, now: now)
        again.isRepeated = true
        view.take(again, now: now)
        let lines = view.screen(width: 100, height: 24, now: now).lines
        let told = lines.filter { $0.contains("the disk is slow") }
        #expect(told.count == 1 && told[0].hasSuffix("the disk is slow  ×3"))
        let orders = lines.filter { $0.contains("order 1 ") }
        #expect(orders.count == 1 && !orders[0].contains("×"), "what is repeated is left out")
    }

    @Test func theNewestStandsFirstAndVotesAreLeftOut() {
        var view = LiveSamples.view()
        for number in 1...50 { view.take(LiveSamples.order(number), now: now) }
        view.take(RunNotice(.vote, time: LiveSamples.open, text: "a vote"), now: now)
        let lines = view.screen(width: 100, height: 24, now: now).lines
        let numbers = lines.compactMap { line in
            line.firstMatch(of: /order (\d+)  weighted/).flatMap { Int($0.1) }
        }
        #expect(numbers.first == 50 && numbers == numbers.sorted(by: >) && numbers.count > 3)
        #expect(!lines.contains { $0.contains("a vote") })
    }

    /// A hundred orders do not push trouble off the screen, and it stays to be read afterwards.
    @Test func ordersDoNotHideTrouble() {
        var board = NoticeBoard()
        board.take(RunNotice(.kill, time: .zero, text: "the kill switch is thrown"))
        for number in 1...500 { board.take(LiveSamples.order(number)) }
        #expect(board.newest(6).count == 6)
        #expect(board.newest(6).last?.text == "the kill switch is thrown")
        #expect(board.newest(1).map(\.text) == ["the kill switch is thrown"])
        #expect(board.newest(0) == [])
        let after = board.aftermath(recent: 12, troubles: 20)
        #expect(after.count == 13 && after.first?.kind == .kill)
        #expect(after.last?.text.contains("order 500 ") == true)
    }

    /// What a server says cannot move the cursor.
    @Test func noticesHaveNoEscapes() {
        var view = LiveSamples.view()
        view.take(
            RunNotice(.server, time: .zero, text: "a\u{1B}[2Jb\r\nc\u{9B}31m"), now: now)
        for line in view.screen(width: 100, height: 24, now: now).lines {
            #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }
}
