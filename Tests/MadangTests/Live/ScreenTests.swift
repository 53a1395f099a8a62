import Platform
import Testing

@testable import Madang

@Suite struct RateMeterTests {
    private let second = LiveSamples.second

    @Test func ratesAreOverTheLastSeconds() {
        var meter = RateMeter()
        #expect(meter.rowsPerSecond(now: 0) == nil)
        meter.take(rows: 0, events: [nil, 0], fraction: 0, now: 0)
        #expect(meter.rowsPerSecond(now: 0) == nil, "one moment is no rate")
        for tenth in 1...100 {
            // A thousand rows a second, then five thousand.
            let rows = tenth <= 50 ? tenth * 100 : 5_000 + (tenth - 50) * 500
            meter.take(
                rows: rows, events: [nil, rows / 10], fraction: Double(tenth) / 200,
                now: Int64(tenth) * second / 10)
        }
        let now = 10 * second
        #expect(meter.rowsPerSecond(now: now) == 5_000)
        #expect(meter.eventsPerSecond(of: 1, now: now) == 500)
        #expect(meter.eventsPerSecond(of: 0, now: now) == nil)
        #expect(meter.eventsPerSecond(of: 7, now: now) == nil)
        #expect(meter.timeLeft(now: now).map { abs($0 - 10 * second) < second / 1_000 } == true)
    }

    @Test func whoSaysNothingMoreSlowsDown() throws {
        var meter = RateMeter()
        for moment in 0...2 {
            meter.take(rows: moment * 100, events: [], fraction: 0, now: Int64(moment) * second)
        }
        #expect(meter.rowsPerSecond(now: 2 * second + second / 2) == 100)
        #expect(meter.rowsPerSecond(now: 4 * second) == 50)
        #expect(try #require(meter.rowsPerSecond(now: 200 * second)) < 2)
        #expect(meter.timeLeft(now: 4 * second) == nil, "no pace, no end")
    }
}

@Suite struct ScreenPainterTests {
    private func screen(_ lines: [String], width: Int = 20, height: Int = 4) -> Screen {
        var screen = Screen(width: width, height: height)
        for line in lines { screen.add(Screen.Row([.init(line, .bold)])) }
        return screen
    }
    private let plain = Terminal(isInteractive: true, isColoured: false)
    private let coloured = Terminal(isInteractive: true, isColoured: true)

    @Test func onlyRowsThatChangedAreWritten() {
        var painter = ScreenPainter(plain)
        let first = painter.frame(screen(["one", "two", "three"]))
        #expect(first.contains("\u{1B}[2J") && first.contains("\u{1B}[3;1Hthree\u{1B}[K"))
        #expect(painter.frame(screen(["one", "two", "three"])) == "")
        let second = painter.frame(screen(["one", "2", "three"]))
        #expect(second == "\u{1B}[?2026h\u{1B}[2;1H2\u{1B}[K\u{1B}[?2026l")
        // A row that is not there any more is emptied.
        let third = painter.frame(screen(["one", "2"]))
        #expect(third == "\u{1B}[?2026h\u{1B}[3;1H\u{1B}[K\u{1B}[?2026l")
        let whole = painter.frame(screen(["one", "2"]), isWhole: true)
        #expect(whole.contains("\u{1B}[1;1Hone") && whole.contains("\u{1B}[4;1H\u{1B}[K"))
    }

    @Test func anotherSizeIsDrawnAnew() {
        var painter = ScreenPainter(plain)
        _ = painter.frame(screen(["one", "two"]))
        let wider = painter.frame(screen(["one", "two"], width: 30))
        #expect(wider.contains("\u{1B}[2J") && wider.contains("one") && wider.contains("two"))
    }

    /// Behind a row as wide as the terminal nothing is erased: that would take its last character.
    @Test func aFullRowKeepsItsLastCharacter() {
        var painter = ScreenPainter(plain)
        let frame = painter.frame(screen(["가나다라마", "가나다라"], width: 10))
        #expect(frame.contains("가나다라마\u{1B}[2;1H"))
        #expect(frame.contains("가나다라\u{1B}[K"))
    }

    @Test func coloursOnlyWhereWanted() {
        var painter = ScreenPainter(coloured)
        #expect(painter.frame(screen(["one"])).contains("\u{1B}[1mone\u{1B}[0m"))
        painter = ScreenPainter(plain)
        #expect(!painter.frame(screen(["one"])).contains(/\u{1B}\[[0-9;]*m/))
    }
}

@Suite struct ScreenTests {
    @Test func textIsCutByItsColumns() {
        #expect(cut("삼성전자", to: 8) == "삼성전자")
        #expect(cut("삼성전자", to: 7) == "삼성전…")
        // Half a character does not fit.
        #expect(cut("삼성전자", to: 6) == "삼성…")
        #expect(cut("abc", to: 1) == "…")
        #expect(cut("abc", to: 0) == "")
    }

    @Test func rowsAreCutAndNoneIsTooMany() {
        var screen = Screen(width: 6, height: 2)
        screen.add(Screen.Row([.init("abc", .bold), .init("가나")]))
        screen.add(Screen.Row([.init("abcdef")]))
        screen.add(Screen.Row([.init("three")]))
        #expect(screen.lines == ["abc가…", "abcdef"])
        #expect(screen.room == 0)
    }
}
