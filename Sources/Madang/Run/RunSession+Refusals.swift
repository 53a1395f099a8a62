import Host
import Kernel
import Platform
import Ports
import StrategyServers
import TradingModel

/// What a run is not begun with.
extension RunSession {
    /// A candidate changes nothing of what the others hear, positions included.
    func refuseStrangeInputs(
        _ parts: [RunAssembly.ServerPart], _ descriptions: [ServerDescription],
        _ market: MarketPlan
    ) throws(RunError) {
        for (part, description) in zip(parts, descriptions) where part.slot == .candidate {
            let strange = description.inputs.filter { input in
                switch input.kind {
                case .ticks, .quotes: false
                case .candles(let interval, let isUnfinishedToo):
                    !market.intervals.contains(interval)
                        || isUnfinishedToo && !market.unfinished.contains(interval)
                case .timers(let interval): !market.timers.contains(interval)
                }
            }
            guard let input = strange.first else { continue }
            throw RunError(
                .configuration,
                "\(part.name) wants to hear \(ServerPortrait.words(input.kind)), which nobody else"
                    + " in this run does\n  let its main version, or any strategy or rule, hear"
                    + " them too; or give it a run of its own")
        }
    }

    /// Servers that share identities must be of one build; those that share a list of instruments judge each alone.
    func refuseUnequalServers(
        _ parts: [RunAssembly.ServerPart], _ descriptions: [ServerDescription]
    ) throws(RunError) {
        for (part, description) in zip(parts, descriptions) {
            let strategy = assembly.configuration.strategies[part.index]
            let isParted = strategy.shardPlan != nil
            guard isParted || strategy.standby != nil, part.slot == .main,
                // Nobody connects to one in quarantine, and what it was then is not what is there now.
                part.quarantine == nil,
                let first = parts.firstIndex(where: {
                    $0.index == part.index && $0.quarantine == nil
                })
            else { continue }
            guard !isParted || description.independentInstruments else {
                throw RunError(
                    .configuration,
                    "\(part.name) judges its instruments together: they cannot be parted among"
                        + " several servers\n  leave shards and addresses out; or, where each is judged"
                        + " alone, let it say so: independent_instruments")
            }
            guard description.isSameBuild(as: descriptions[first]) else {
                throw RunError(
                    .server,
                    "\(part.name) is another server than \(parts[first].name):"
                        + " \(words(part, description)); \(words(parts[first], descriptions[first]))"
                        + "\n  they answer for one strategy: start the same build behind each address"
                )
            }
        }
    }

    /// Recorded candles are taken as they stand, and as parts of longer ones: between candles that count from the
    /// opening, those by the clock would mix two hours in one.
    func refuseUnanchored(_ market: MarketPlan) throws(RunError) {
        guard market.hours.contains(where: { !$0.isAlways }),
            let found = RecordingLook(feed: feed).unanchored(market.hours, market.zones)
        else { return }
        let index = Int(found.candle.instrument.index)
        let symbol = assembly.configuration.instruments[index].symbol
        throw RunError(.feed, found.words(feed.name, symbol))
    }

    /// A step's market events must fit into the lower half of its positions.
    func refuseTooMany(_ market: MarketPlan) throws(RunError) {
        if let long = market.intervals.first(where: { $0.nanoseconds > nanosecondsPerDay }),
            let at = market.hours.firstIndex(where: { !$0.isAlways })
        {
            throw RunError(
                .configuration,
                "'\(assembly.configuration.instruments[at].symbol)' has hours, which candles:\(long) do"
                    + " not know\n  ask for candles of a day at most, or give it no hours")
        }
        let instruments = assembly.configuration.instruments.count
        let most = market.mostEvents(of: instruments)
        guard most >= EventPosition.firstAccountIndex else { return }
        throw RunError(
            .configuration,
            "\(instruments) instruments with \(market.intervals.count) candle intervals may close"
                + " \(most) candles at once; \(EventPosition.firstAccountIndex) are too many"
                + "\n  ask for fewer intervals, or split the instruments over several hosts")
    }
}

extension MarketPlan {
    /// Of one step.
    func mostEvents(of instruments: Int) -> Int {
        instruments * intervals.count + timers.count + unfinished.count + 1
    }
}

extension ServerDescription {
    /// Whether both say the same of the same events: all but which process it is.
    func isSameBuild(as other: ServerDescription) -> Bool {
        name == other.name && version == other.version && modelName == other.modelName
            && modelVersion == other.modelVersion && modelHash == other.modelHash
            && parameterHash == other.parameterHash && inputs == other.inputs
            && readsAccount == other.readsAccount
    }
}
