import Simulation
import Testing
import TradingModel

/// Orders that the books have ended and that wait all the same.
@Suite struct CheckerGhostTests {
    private let lost = HandMade.order(1, .buy, 10)
    private let next = HandMade.order(2, .buy, 5)

    /// The first ended in the books, is at the broker, and nobody knows what became of it.
    private func waiting() -> HandMade {
        var made = HandMade()
        made.approve(lost)
        made.flush()
        made.send(lost)
        made.end(lost, .failed)
        made.accept(lost)
        made.addRecorded { .ghost(lost.number, true, record: $0) }
        made.add(.ghostWaits(lost.number, true))
        made.approve(next)
        made.flush()
        return made
    }

    @Test func nothingOpensBesideOne() {
        var made = waiting()
        made.send(next)
        #expect(made.rules == [.doubt, .rest])
    }

    @Test func aRestartDoesNotForgetIt() {
        var made = waiting()
        made.crash(keeping: 4)
        made.send(next)
        #expect(made.rules == [.doubt, .rest])
    }

    @Test func whenItIsKnownTheInstrumentOpens() {
        var made = waiting()
        made.add(.ghostWaits(lost.number, false))
        made.send(next)
        #expect(made.rules == [.rest])
        // What the log never had nobody can know.
        var other = HandMade()
        other.approve(lost)
        other.approve(next)
        other.flush()
        other.send(lost)
        other.end(lost, .failed)
        other.accept(lost)
        other.addRecorded { .ghost(lost.number, true, record: $0) }
        other.add(.ghostWaits(lost.number, true))
        other.crash(keeping: 3)
        other.send(next)
        #expect(other.rules == [.rest])
    }

    /// Whatever its desk asked the log to keep: what it knew with a record on the disk it knows behind a crash.
    @Test func whatADeskKnewWithARecordIsKnownBehindACrash() {
        func made(keeping kept: UInt64, _ restored: [OrderNumber], over: Bool = false) -> HandMade {
            var made = HandMade()
            made.approve(lost)
            made.flush()
            made.send(lost)
            made.end(lost, .failed)
            made.accept(lost)
            made.addRecorded { .ghostKnown(lost.number, true, record: $0) }
            if over { made.addRecorded { .ghostKnown(lost.number, false, record: $0) } }
            made.crash(keeping: kept)
            made.add(.ghostsRestored(restored))
            return made
        }
        #expect(!made(keeping: 3, [lost.number]).rules.contains(.ghosts))
        #expect(made(keeping: 3, []).rules.contains(.ghosts))
        #expect(!made(keeping: 2, []).rules.contains(.ghosts), "the log never had it")
        #expect(!made(keeping: 4, [], over: true).rules.contains(.ghosts), "it was over")
    }
}
