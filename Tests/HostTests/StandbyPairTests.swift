import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.9: of two servers that answer for the same, each result is heard once, whoever is lost and whenever.
@Suite struct StandbyPairTests {
    /// What any server of this build says of a position.
    static func said(_ step: Int, _ seed: UInt64) -> [SessionLane.Arrival] {
        var random = SeededRandom(seed &* 1_000_003 &+ UInt64(step))
        guard random.oneIn(2) else { return [] }
        return (0..<Int.random(in: 1...3, using: &random)).map { index in
            arrival(step, instrument: index / 2, index: index % 2, random.oneIn(2) ? .buy : .sell)
        }
    }
    static func arrival(
        _ step: Int, instrument: Int = 0, index: Int = 0, _ action: Action = .buy
    ) -> SessionLane.Arrival {
        SessionLane.Arrival(
            result: ReceivedResult(
                position: at(step), instrument: InstrumentID(instrument), index: index,
                result: StrategyResult(action)), time: Int64(step))
    }
    static func at(_ step: Int) -> EventPosition { EventPosition(step: UInt64(step), index: 0) }

    /// A server as the pair meets it: positions answered, and how far a watermark closed them.
    private struct Server {
        var answered = 0
        var closed = 0
        var isUp = true
    }

    private struct Trial {
        let seed: UInt64
        let last = 150
        var random: SeededRandom
        var pair: StandbyPair
        var servers: [ServerSeat: Server] = [.main: Server(), .standby: Server()]
        var heard: [SessionLane.Arrival] = []
        var switches = 0
        /// Positions at which the standby says something else.
        var lies: Set<Int> = []

        init(_ seed: UInt64, room: Int) {
            self.seed = seed
            random = SeededRandom(seed)
            pair = StandbyPair(room: room)
            for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        }

        mutating func say(_ seat: ServerSeat) {
            guard var server = servers[seat], server.isUp, pair.hasRoom(for: seat) else { return }
            var arrivals: [SessionLane.Arrival] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) where server.answered < last {
                server.answered += 1
                var said = StandbyPairTests.said(server.answered, seed)
                if seat == .standby, lies.contains(server.answered) {
                    said = [StandbyPairTests.arrival(server.answered, instrument: 2, .alert)]
                }
                arrivals += said
            }
            if random.oneIn(2) { server.closed = server.answered }
            servers[seat] = server
            heard += pair.take(
                arrivals, through: StandbyPairTests.at(server.closed), from: seat)
        }

        mutating func change(_ seat: ServerSeat) {
            let isUp = servers[seat]?.isUp == true
            let states: [SessionState] =
                isUp ? [.down, .hung, .open, .quarantined, .slow] : [.connecting, .live, .live]
            let state = states[Int.random(in: 0..<states.count, using: &random)]
            pair.note(state, of: seat)
            servers[seat]?.isUp = state == .live || state == .slow
        }

        mutating func look() {
            let before = pair.heard
            guard pair.isDue else { return }
            heard += pair.takeOver()
            switches += 1
            #expect(pair.heard == before.other)
        }

        /// Everything up to the watermark was heard once, as somebody said it.
        func expect() {
            let end = pair.watermark
            let identities = heard.map { SessionLane.Identity($0.result) }
            #expect(Set(identities).count == identities.count, "none twice")
            guard lies.isEmpty else { return }
            let expected = (1...last).flatMap { StandbyPairTests.said($0, seed) }
                .filter { $0.result.position <= end }.map { SessionLane.Identity($0.result) }
            #expect(Set(expected) == Set(identities.filter { $0.position <= end }), "none lost")
        }
    }

    @Test(arguments: seeds(0..<60), [8, 65_536])
    func eachResultIsHeardOnce(_ seed: UInt64, _ room: Int) {
        var trial = Trial(seed, room: room)
        for step in 0..<5_000 where trial.pair.watermark < Self.at(trial.last) {
            let seat: ServerSeat = trial.random.oneIn(2) ? .main : .standby
            // What goes down comes back, and at last for good.
            if step < 3_000 ? trial.random.oneIn(6) : trial.servers[seat]?.isUp == false {
                trial.change(seat)
            } else {
                trial.say(seat)
            }
            trial.look()
            trial.expect()
            // Six positions of three results come in one helping, and a watermark with every other of them.
            for seat in ServerSeat.allCases {
                #expect(trial.pair.held(of: seat) <= room + 18 * 20)
            }
        }
        #expect(trial.pair.watermark == Self.at(trial.last))
        #expect(trial.pair.counts.differing == 0)
        #expect(trial.pair.counts.switches == trial.switches)
        #expect(trial.pair.takeDifference() == nil)
    }

    /// What is heard is of one of them at each position, and it is told that they differ.
    @Test(arguments: seeds(100..<130))
    func anotherWordIsCountedAndTold(_ seed: UInt64) {
        var trial = Trial(seed, room: 65_536)
        trial.lies = [20, 21, 90]
        for step in 0..<5_000 {
            let seat: ServerSeat = step % 2 == 0 ? .main : .standby
            if step < 400, trial.random.oneIn(8) || trial.servers[seat]?.isUp == false {
                trial.change(seat)
            } else if trial.servers[seat]?.isUp == false {
                trial.change(seat)
            } else {
                trial.say(seat)
            }
            trial.look()
            trial.expect()
        }
        let wrong = [20, 21, 90].reduce(3) { $0 + Self.said($1, seed).count }
        #expect(trial.pair.counts.differing == wrong)
        #expect(trial.pair.takeDifference() != nil && trial.pair.takeDifference() == nil)
        let all = (1...trial.last).reduce(0) { $0 + Self.said($1, seed).count }
        #expect(trial.pair.counts.same == all - wrong + 3)
        #expect(trial.pair.held(of: .main) == 0 && trial.pair.held(of: .standby) == 0)
    }

    // MARK: One by one

    /// What the lost one had said behind its watermark stands; what it says of that later is held against the other.
    @Test func whatWasHeardBehindTheWatermarkIsNotHeardAgain() {
        var pair = StandbyPair()
        for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        let first = pair.take(
            [Self.arrival(1), Self.arrival(2), Self.arrival(3)], through: Self.at(1), from: .main)
        #expect(first.count == 3)
        _ = pair.take(
            [1, 2, 3, 4].map { Self.arrival($0) }, through: Self.at(4), from: .standby)
        pair.note(.hung, of: .main)
        #expect(pair.isDue)
        #expect(pair.takeOver().map(\.result.position) == [Self.at(4)])
        #expect(pair.behind == Self.at(1) && pair.watermark == Self.at(4))
        pair.note(.live, of: .main)
        #expect(!pair.isDue, "nobody goes back by himself")
        let late = [Self.arrival(4), Self.arrival(5)]
        #expect(pair.take(late, through: Self.at(5), from: .main).isEmpty)
        #expect(pair.take([Self.arrival(5)], through: Self.at(5), from: .standby).count == 1)
        #expect(pair.counts.same == 5 && pair.counts.differing == 0)
    }

    @Test func anotherContentUnderOneIdentityIsADifference() {
        var pair = StandbyPair()
        #expect(pair.take([Self.arrival(3)], through: Self.at(3), from: .main).count == 1)
        #expect(pair.take([Self.arrival(3, .sell)], through: Self.at(3), from: .standby).isEmpty)
        #expect(pair.counts.same == 0 && pair.counts.differing == 1)
        #expect(pair.takeDifference() == Self.at(3))
    }

    /// One that stands far behind is heard from where the other was, not from where it is.
    @Test func whoIsBehindIsHeardFromTheWatermarkOn() {
        var pair = StandbyPair()
        for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        _ = pair.take([Self.arrival(1), Self.arrival(5)], through: Self.at(5), from: .main)
        _ = pair.take([Self.arrival(1)], through: Self.at(2), from: .standby)
        pair.note(.down, of: .main)
        #expect(pair.takeOver().isEmpty)
        #expect(pair.watermark == Self.at(5))
        let news = pair.take(
            [Self.arrival(5), Self.arrival(6)], through: Self.at(6), from: .standby)
        #expect(news.map(\.result.position) == [Self.at(6)])
    }

    @Test(arguments: [
        (SessionState.down, true), (.hung, true), (.open, true), (.quarantined, true),
        (.refused, true), (.slow, false), (.connecting, false), (.warming, false),
        (.draining, false), (.stopped, false),
    ])
    func onlyWhoIsLostIsReplaced(_ state: SessionState, _ isDue: Bool) {
        var pair = StandbyPair()
        pair.note(.live, of: .main)
        pair.note(state, of: .main)
        #expect(!pair.isDue, "nobody is there")
        pair.note(.live, of: .standby)
        #expect(pair.isDue == isDue)
        // One that is made again is lost until it is there.
        pair.note(.connecting, of: .main)
        #expect(pair.isDue == isDue)
        pair.note(.live, of: .main)
        #expect(!pair.isDue)
    }

    /// Nobody goes back: so one that hangs keeps its place before one that is behind it, until that has come as far.
    @Test func whoHangsIsNotReplacedByOneThatIsBehind() {
        var pair = StandbyPair()
        for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        _ = pair.take([Self.arrival(1), Self.arrival(5)], through: Self.at(5), from: .main)
        _ = pair.take([Self.arrival(1)], through: Self.at(2), from: .standby)
        pair.note(.hung, of: .main)
        #expect(!pair.isDue)
        _ = pair.take([Self.arrival(5)], through: Self.at(5), from: .standby)
        #expect(pair.isDue)
        pair.note(.live, of: .main)
        _ = pair.take([], through: Self.at(9), from: .main)
        pair.note(.hung, of: .main)
        #expect(!pair.isDue)
        pair.note(.down, of: .main)
        #expect(pair.isDue, "what is away does not go on")
    }

    @Test func positionsThatOneWasNotAskedAboutAreNotCompared() {
        var pair = StandbyPair()
        pair.leaveOut([PositionRun(Self.at(1), Self.at(3))])
        _ = pair.take([1, 2, 4].map { Self.arrival($0) }, through: Self.at(5), from: .main)
        _ = pair.take([Self.arrival(5)], through: Self.at(5), from: .standby)
        #expect(pair.counts.uncompared == 2 && pair.counts.differing == 2)
    }

    /// A standby that is gone costs no memory, and no result.
    @Test func whoIsAwayIsNotWaitedForWithoutEnd() {
        var pair = StandbyPair(room: 10)
        for step in 1...500 {
            #expect(
                pair.take([Self.arrival(step)], through: Self.at(step), from: .main).count == 1)
            #expect(pair.held(of: .main) <= 11)
        }
        for step in 1...500 {
            _ = pair.take([Self.arrival(step)], through: Self.at(step), from: .standby)
        }
        #expect(pair.counts.differing == 0 && pair.counts.same < 11)
        #expect(pair.held(of: .main) == 0 && pair.held(of: .standby) == 0)
    }

    /// What may have to be heard is not let go of, however much is said without a watermark.
    @Test func whatNoWatermarkHasPassedIsKept() {
        var pair = StandbyPair(room: 4)
        for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        let both = [1, 2].flatMap { [Self.arrival($0), Self.arrival($0, index: 1)] }
        _ = pair.take(both, through: Self.at(2), from: .standby)
        let half = (1...20).map { Self.arrival($0) }
        #expect(pair.take(half, through: .start, from: .main).count == 20)
        pair.note(.down, of: .main)
        #expect(pair.takeOver().map(\.result.index) == [1, 1])
    }

    /// One that is far ahead waits; what it said is whole when it is heard.
    @Test func whoIsAheadWaits() {
        var pair = StandbyPair(room: 4)
        for seat in ServerSeat.allCases { pair.note(.live, of: seat) }
        var step = 0
        while pair.hasRoom(for: .standby) {
            step += 1
            _ = pair.take([Self.arrival(step)], through: Self.at(step), from: .standby)
        }
        #expect(step == 4)
        pair.note(.hung, of: .main)
        #expect(pair.takeOver().count == 4)
        #expect(pair.hasRoom(for: .standby))
    }

    @Test(arguments: seeds(0..<20))
    func aQueueIsInOrderWhateverComesFirst(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let all = (1...60).flatMap { Self.said($0, seed) }
        var queue = SaidQueue()
        for arrival in all.shuffled(using: &random) + all.prefix(9) { queue.insert(arrival) }
        #expect(queue.count == all.count)
        let middle = Self.at(30)
        #expect(queue.behind(middle).count == all.count { $0.result.position > middle })
        let identities = all.map { SessionLane.Identity($0.result) }
        #expect(queue.behind(.start).map { SessionLane.Identity($0.result) } == identities)
        for expected in identities {
            #expect(queue.popFirst().map { SessionLane.Identity($0.result) } == expected)
        }
        #expect(queue.first == nil && queue.popFirst() == nil && queue.count == 0)
    }
}
