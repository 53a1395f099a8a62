import Kernel
import Platform
import Ports
import StrategyServers
import TradingModel

/// What a run is by, and what may be wrong with it, in words.
extension RunSession {
    func words(_ market: MarketPlan) -> String {
        let candles = market.intervals.map { "candles:\($0)" }
        let timers = market.timers.map { "timers:\($0)" }
        let unfinished = market.unfinished.map { "unfinished:\($0)" }
        return (candles + timers + unfinished).joined(separator: " ")
    }
    /// What makes a server the same one for a run, as people read it where it is another.
    func words(_ part: RunAssembly.ServerPart, _ description: ServerDescription?) -> String {
        guard let description else { return part.name }
        let model = description.modelHash.isEmpty ? "" : ", model \(description.modelHash)"
        return "\(part.name) (\(description.name) version \(description.version)\(model)"
            + ", parameters \(description.parameterHash)"
            + (description.readsAccount ? ", reads its account" : "")
            + ", hears \(description.inputs.map { ServerPortrait.words($0.kind) }.joined(separator: " ")))"
    }

    /// Warns of servers that are left alone from the start.
    func tellQuarantined(_ parts: [RunAssembly.ServerPart]) {
        for part in parts {
            guard let quarantine = part.quarantine else { continue }
            observer.notice(
                RunNotice(
                    .warning, time: .zero, source: part.name,
                    text: QuarantineWords.standing(part.name, quarantine)))
        }
    }

    /// Warns of strategies and rules that no feed calls.
    func tellUnheard(
        _ parts: [RunAssembly.ServerPart], _ descriptions: [ServerDescription]
    ) {
        let coverage = FeedCoverage(configuration: assembly.configuration)
        let servers = zip(parts, descriptions).filter { $0.0.seat == .main }.flatMap {
            coverage.unheard($0.name, $1) + $0.setting.idleDeadlines(of: $1)
        }
        let rules =
            RuleRemarks(configuration: assembly.configuration).lines
            + SettingRemarks(configuration: assembly.configuration).lines
        for text in servers + coverage.unheard + rules + assembly.configuration.listRemarks {
            observer.notice(RunNotice(.warning, time: .zero, text: text))
        }
    }

    /// Warns of what was taken for granted in the feeds, when all of them was read.
    func tellOddities() {
        let instruments = assembly.configuration.instruments
        let absent = FeedCoverage.absent(
            feed.instruments, of: instruments, others: FeedCoverage.others(in: feed))
        for text in feed.remarks + absent {
            observer.notice(RunNotice(.warning, time: .zero, text: text))
        }
    }

    /// Warns of servers that were waited for, as fast as possible, for longer than anybody waits at a pace.
    func tellSlow(_ parts: [RunAssembly.ServerPart]) {
        guard assembly.speed == nil else { return }
        for part in parts {
            guard case .server(let server) = part.setting.kind,
                let took = part.session.serviceTimes.latency?.p99,
                case let deadline = server.deadlines?.longest(or: server.deadline)
                    ?? server.deadline, took > deadline.count
            else { continue }
            observer.notice(
                RunNotice(
                    .warning, time: .zero, source: part.name,
                    text:
                        "\(part.name) took about \(Figures.span(took)) or longer for one event in a"
                        + " hundred, and its deadline is \(Figures.span(deadline.count)): here"
                        + " it was waited for, at a pace such results are late and not traded"))
        }
    }
}
