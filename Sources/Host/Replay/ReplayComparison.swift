import Kernel
import TradingModel

/// Facts of a log beside those that came of deciding again.
struct ReplayComparison {
    private let names: RecordNames
    private(set) var compared: [String: Int] = [:]
    private(set) var inputs: [String: Int] = [:]
    private(set) var logAlone: [String: Int] = [:]
    private(set) var replayAlone: [String: Int] = [:]
    private(set) var first: DecisionReplay.Difference?
    private(set) var differing = 0
    /// A fill of the log has told its tax: from there on the log knows of taxes.
    private var isTaxed = false

    init(_ names: RecordNames) { self.names = names }

    /// Where facts belong.
    struct Place {
        var record: UInt64
        var step: UInt64
        /// Of the step: the recording's.
        var time: Timestamp
    }

    mutating func took(_ input: String, count: Int = 1) { inputs[input, default: 0] += count }

    mutating func compare(_ logged: [Fact], _ replayed: [Fact], at place: Place) {
        for fact in logged {
            fact.forEachPart { part in
                compared[part.kind, default: 0] += 1
                if case .filled(let fill, _) = part, fill.tax != nil { isTaxed = true }
            }
        }
        guard logged != replayed else { return }
        let (logged, replayed) = (logged.parts, likened(replayed.parts, to: logged.parts))
        // Told in another form, the same is the same.
        guard logged != replayed else { return }
        var rest = replayed
        for fact in logged {
            if let at = rest.firstIndex(of: fact) {
                rest.remove(at: at)
            } else {
                logAlone[fact.kind, default: 0] += 1
            }
        }
        for fact in rest { replayAlone[fact.kind, default: 0] += 1 }
        let at = zip(logged, replayed).prefix { $0 == $1 }.count
        differ(
            at < logged.count ? names.line(of: logged[at]) : nil,
            at < replayed.count ? names.line(of: replayed[at]) : nil, at: place)
    }

    /// A log from before fills told their tax says nothing of it, and so nothing else: where a fill is the log's but
    /// for that, it is the same.
    private func likened(_ replayed: [Fact], to logged: [Fact]) -> [Fact] {
        guard !isTaxed else { return replayed }
        return replayed.map { fact in
            guard case .filled(let fill, let booking) = fact, fill.tax != nil else { return fact }
            let untold = Fact.filled(fill.taxed(nil), booking)
            return logged.contains(untold) ? untold : fact
        }
    }

    /// Compares something that is no fact.
    mutating func compare(
        _ kind: String, log: String, replay: String, at place: Place
    ) {
        compared[kind, default: 0] += 1
        guard log != replay else { return }
        logAlone[kind, default: 0] += 1
        replayAlone[kind, default: 0] += 1
        differ(
            RecordPortrait.Line(kind: kind, text: log),
            RecordPortrait.Line(kind: kind, text: replay), at: place)
    }

    private mutating func differ(
        _ log: RecordPortrait.Line?, _ replay: RecordPortrait.Line?, at place: Place
    ) {
        differing += 1
        guard first == nil else { return }
        first = DecisionReplay.Difference(
            record: place.record, step: place.step, time: place.time, log: log, replay: replay)
    }
}
