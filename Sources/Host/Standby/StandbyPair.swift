import Ports
import TradingModel

/// Two servers that answer for the same: one is heard, what the other says is held against it. A value.
///
/// Both are fed the same events, and results of both have the same identities (position, instrument, index). The
/// one that is heard is heard at once; what the other says waits until that one's watermark has passed it, is
/// compared and dropped. When the first is lost, the other is heard behind its last watermark: what it said there
/// already comes first, and what the first had said behind its watermark is not heard again.
///
/// It stays so until that one is lost in its turn: who comes back is the standby from then on.
struct StandbyPair: Sendable {
    typealias Identity = SessionLane.Identity
    typealias Arrival = SessionLane.Arrival

    struct Counts: Hashable, Sendable {
        /// Results that both said alike.
        var same = 0
        /// Said by one alone, or otherwise by the other.
        var differing = 0
        /// Results of positions that one of them was not asked about, or had no room to be held against.
        var uncompared = 0
        var switches = 0
    }

    private struct Side: Sendable {
        var watermark = EventPosition.start
        var said = SaidQueue()
        var isLive = false
        /// It was there, or was tried in vain, and is not there.
        var isLost = false
        /// Lost by its silence: it may go on.
        var isHung = false
        /// Given up for good.
        var isGone = false
    }

    /// Results kept of each at most, besides what is under way.
    let room: Int
    private(set) var heard = ServerSeat.main
    /// Behind this position it is heard; before, the other was.
    private(set) var behind = EventPosition.start
    private var main = Side()
    private var standby = Side()
    /// Heard behind the watermark, by whichever said it first.
    private var open: Set<Identity> = []
    /// Positions that one of them was not asked about, rising by their ends.
    private var unasked: [PositionRun] = []
    /// Up to here nothing is held any more: what comes of it is not compared.
    private var forgotten = EventPosition.start
    private(set) var counts = Counts()
    /// Of the first difference since somebody asked.
    private var difference: EventPosition?

    init(room: Int = 65_536) { self.room = room }

    private subscript(seat: ServerSeat) -> Side {
        get { seat == .main ? main : standby }
        _modify { if seat == .main { yield &main } else { yield &standby } }
    }

    // MARK: What they say

    /// How far whoever is heard has answered.
    var watermark: EventPosition { max(behind, self[heard].watermark) }

    func watermark(of seat: ServerSeat) -> EventPosition { self[seat].watermark }

    /// Whether more of it can be held. Who is not heard is left in its lane otherwise, and waits in its socket.
    func hasRoom(for seat: ServerSeat) -> Bool { seat == heard || self[seat].said.count < room }

    /// Results held of it.
    func held(of seat: ServerSeat) -> Int { self[seat].said.count }

    /// Takes what came from one of them.
    ///
    /// - Parameter watermark: It has answered everything up to here.
    /// - Returns: What is heard of it, in the order in which it came.
    mutating func take(
        _ arrivals: [Arrival], through watermark: EventPosition, from seat: ServerSeat
    ) -> [Arrival] {
        var news: [Arrival] = []
        for arrival in arrivals {
            if seat == heard, isNew(arrival) {
                if arrival.result.position > watermark { open.insert(Identity(arrival.result)) }
                news.append(arrival)
            }
            keep(arrival, of: seat)
        }
        self[seat].watermark = max(self[seat].watermark, watermark)
        if seat == heard { closeOpen() }
        compare()
        forget()
        return news
    }

    private func isNew(_ arrival: Arrival) -> Bool {
        arrival.result.position > behind
            && (open.isEmpty || !open.contains(Identity(arrival.result)))
    }

    private mutating func closeOpen() {
        guard !open.isEmpty else { return }
        let watermark = watermark
        open = open.filter { $0.position > watermark }
    }

    private mutating func keep(_ arrival: Arrival, of seat: ServerSeat) {
        if arrival.result.position <= forgotten {
            counts.uncompared += 1
        } else {
            self[seat].said.insert(arrival)
        }
    }

    /// One of them was not asked about these: what the other says of them is held against nothing.
    mutating func leaveOut(_ runs: [PositionRun]) {
        guard !runs.isEmpty else { return }
        unasked += runs
        unasked.sort { $0.last < $1.last }
        guard unasked.count > Self.runs else { return }
        // Rather too much left out than a list without an end.
        let first = unasked.map(\.first).min() ?? .start
        unasked = [PositionRun(first, unasked.last?.last ?? first)]
    }
    private static let runs = 1_024

    // MARK: Comparison

    /// Holds against each other what both have answered, and drops it.
    private mutating func compare() {
        let end = min(main.watermark, standby.watermark)
        while true {
            let (ours, theirs) = (main.said.first, standby.said.first)
            let isOurs = ours.map { $0.result.position <= end } ?? false
            let isTheirs = theirs.map { $0.result.position <= end } ?? false
            guard isOurs || isTheirs else { break }
            if isOurs, isTheirs, let ours, let theirs, ours.isSame(as: theirs) {
                main.said.popFirst()
                standby.said.popFirst()
                if ours.result.result == theirs.result.result {
                    counts.same += 1
                } else {
                    differ(at: ours.result.position)
                }
            } else if isOurs, let ours, !isTheirs || theirs.map(ours.precedes) ?? true {
                main.said.popFirst()
                differ(at: ours.result.position)
            } else {
                standby.said.popFirst()
                if let theirs { differ(at: theirs.result.position) }
            }
        }
        while let first = unasked.first, first.last <= end { unasked.removeFirst() }
    }

    private mutating func differ(at position: EventPosition) {
        guard !unasked.contains(where: { $0.first <= position && position <= $0.last }) else {
            counts.uncompared += 1
            return
        }
        counts.differing += 1
        difference = difference ?? position
    }

    /// Where they differed first since the last call; `nil`: nowhere.
    mutating func takeDifference() -> EventPosition? { difference.take() }

    /// Lets go of what waits for a server that is away or far behind; never of what may have to be heard.
    private mutating func forget() {
        guard self[heard].said.count > room,
            let middle = self[heard].said.position(of: room / 2)
        else { return }
        forgotten = max(forgotten, min(middle, watermark))
        for seat in ServerSeat.allCases {
            while let first = self[seat].said.first, first.result.position <= forgotten {
                self[seat].said.popFirst()
                counts.uncompared += 1
            }
        }
    }

    // MARK: Who is heard

    /// Notes how the session of one of them stands.
    mutating func note(_ state: SessionState, of seat: ServerSeat) {
        switch state {
        case .live, .slow: (self[seat].isLive, self[seat].isLost) = (true, false)
        case .hung, .down, .open, .quarantined, .refused:
            (self[seat].isLive, self[seat].isLost) = (false, true)
        // On its way, or at the run's end.
        case .connecting, .warming, .probing, .draining, .stopped: self[seat].isLive = false
        }
        self[seat].isHung = state == .hung
        self[seat].isGone = state == .refused
    }

    func isLive(_ seat: ServerSeat) -> Bool { self[seat].isLive }
    var isGone: Bool { main.isGone && standby.isGone }

    /// Who is heard is lost, and the other is there. One that hangs may go on in the next moment, and nobody goes back: so
    /// only one that has answered as much takes its place.
    var isDue: Bool {
        guard self[heard].isLost, self[heard.other].isLive else { return false }
        return !self[heard].isHung || self[heard.other].watermark >= self[heard].watermark
    }

    /// The other is heard from now on.
    ///
    /// - Returns: What it has said behind the watermark of the one that was, in order.
    mutating func takeOver() -> [Arrival] {
        behind = watermark
        heard = heard.other
        counts.switches += 1
        let news = self[heard].said.behind(behind).filter(isNew)
        for arrival in news where arrival.result.position > self[heard].watermark {
            open.insert(Identity(arrival.result))
        }
        closeOpen()
        return Array(news)
    }

    // MARK: Recovery

    /// The log says who was heard, and behind what.
    mutating func restore(_ seat: ServerSeat, behind position: EventPosition) {
        (heard, behind) = (seat, max(behind, position))
        counts.switches += 1
    }

    /// Everything up to here was taken by an earlier start.
    mutating func begin(behind position: EventPosition) {
        main.watermark = max(main.watermark, position)
        standby.watermark = max(standby.watermark, position)
        // What one of them says again is held against the log, not against the other.
        forgotten = max(forgotten, position)
    }
}
