import Ports
import TradingModel

/// What a live view knows of a run: made from notices and progress, shown as a ``Screen``. A value.
///
/// `now` is the host's monotonic clock, ns, and never less than before.
struct LiveView {
    /// What is known before a run begins.
    struct Setting: Sendable {
        /// Names and kinds, in the order of the summary.
        var sources: [(name: String, kind: String)]
        /// `nil`: as fast as possible.
        var speed: Double?
        var zone: ZoneOffsets
        /// Shown behind the data's time.
        var zoneName: String
        /// By account.
        var currencies: [String: String]
        /// Servers of strategies with several.
        var shards: [(strategy: String, number: Int)] = []
    }
    struct Source {
        struct Result: Hashable {
            var action: Action
            var symbol: String
            var confidence: Confidence
            var isLate: Bool
        }
        let name: String
        let kind: String
        /// `nil` for sources in the host, and before a server has said anything.
        var state: SessionState?
        var detail = ""
        /// Since when it is as it is; trouble after trouble is one.
        var since: Int64 = 0
        /// The data's time then.
        var sinceTime = Timestamp.zero
        var last: Result?
        var late = 0
        /// When `late` grew.
        var lateAt: Int64?
        var failures = 0
        var latency: Latency?
        var server: ServerFigures?
        /// Of one of two versions: `shadow`, `canary 10%`, `off`; empty where it is live. Of two servers that stand for
        /// each other: `heard` or `standby`.
        var role = ""
        /// Of a shard: the row of its strategy, and its number there.
        var strategy: Int?
        var shard = 0
        /// Its place in the summary; `nil` for rows below another.
        var place: Int?
    }
    let setting: Setting
    private(set) var start: RunStart?
    private(set) var sources: [Source]
    private(set) var progress: RunProgress?
    /// When the loop spoke last.
    private(set) var heardAt: Int64
    private(set) var stopReason: String?
    private(set) var board = NoticeBoard()
    private(set) var meter = RateMeter()

    init(_ setting: Setting, now: Int64) {
        self.setting = setting
        sources = setting.sources.map { Source(name: $0.name, kind: $0.kind, since: now) }
        for shard in setting.shards {
            let strategy = sources.firstIndex { $0.name == shard.strategy }
            let name = StrategySetting.name(of: shard.strategy, shard: shard.number)
            sources.append(
                Source(
                    name: name, kind: "server", since: now, strategy: strategy,
                    shard: shard.number))
        }
        heardAt = now
    }

    /// Whether a source in this state needs somebody to look.
    static func isTrouble(_ state: SessionState) -> Bool {
        switch state {
        case .slow, .hung, .down, .open, .probing, .quarantined, .refused: true
        case .connecting, .warming, .live, .draining, .stopped: false
        }
    }

    mutating func take(_ start: RunStart, now: Int64) {
        self.start = start
        heardAt = now
    }

    mutating func stopping(_ reason: String) { stopReason = stopReason ?? reason }

    mutating func take(_ notice: RunNotice, now: Int64) {
        board.take(notice)
        guard let figure = notice.figure,
            let index = sources.firstIndex(where: { $0.name == notice.source })
        else { return }
        switch figure {
        case .state(let state, let detail):
            set(state, detail, of: index, at: notice.time, now: now)
            if let strategy = sources[index].strategy {
                setWorst(of: strategy, at: notice.time, now: now)
            }
        case .result(let action, let confidence, let isLate):
            sources[index].last = Source.Result(
                action: action, symbol: notice.symbol, confidence: confidence, isLate: isLate)
        case .trade: break
        }
    }

    /// A strategy stands as that of its shards does which most needs somebody.
    private mutating func setWorst(of strategy: Int, at time: Timestamp, now: Int64) {
        let shards = sources.filter { $0.strategy == strategy }
        guard let worst = SessionState.worst(of: shards.compactMap(\.state)),
            let shard = shards.first(where: { $0.state == worst })
        else { return }
        let detail = shard.detail.isEmpty ? "" : "shard \(shard.shard): \(shard.detail)"
        set(worst, detail, of: strategy, at: time, now: now)
    }

    private mutating func set(
        _ state: SessionState, _ detail: String, of index: Int, at time: Timestamp, now: Int64
    ) {
        let before = sources[index].state
        sources[index].state = state
        // A server that is connected again and again is down all the while; a trial says why it is one.
        let goesOn =
            state == .connecting && before == .down
            || state == .probing && before == .open && detail.isEmpty
        if !goesOn { sources[index].detail = detail }
        let wasTrouble = before.map { Self.isTrouble($0) || $0 == .connecting } ?? false
        let isTrouble = Self.isTrouble(state) || state == .connecting
        guard state != before, !(wasTrouble && isTrouble) else { return }
        sources[index].since = now
        sources[index].sinceTime = time
    }

    mutating func take(_ progress: RunProgress, now: Int64) {
        self.progress = progress
        heardAt = now
        meter.take(
            rows: rows, events: progress.events, fraction: progress.fraction, now: now)
        // Who came while the run goes on.
        for source in progress.summary.sources
        where !sources.contains(where: { $0.name == source.name }) {
            sources.append(Source(name: source.name, kind: source.kind, since: now))
        }
        for (place, source) in progress.summary.sources.enumerated() {
            guard let index = sources.firstIndex(where: { $0.name == source.name }) else {
                continue
            }
            sources[index].place = place
            if source.late > sources[index].late { sources[index].lateAt = now }
            sources[index].late = source.late
            sources[index].failures = source.failures
            sources[index].latency = source.latency
            sources[index].server = source.server
            for version in source.versions ?? [] { take(version, of: source.name) }
            for shard in source.shards ?? [] { take(shard, of: index) }
            for server in (source.standbys ?? []).flatMap(\.servers) { take(server) }
        }
    }

    /// Of two that stand for each other each has a row.
    private mutating func take(_ server: RunSummary.Standby.Server) {
        guard let index = sources.firstIndex(where: { $0.name == server.name }) else { return }
        sources[index].role = server.isHeard ? "heard" : "standby"
        sources[index].failures = server.failures
        sources[index].latency = server.latency
        sources[index].server = server.server
    }

    private mutating func take(_ shard: RunSummary.Shard, of strategy: Int) {
        guard
            let index = sources.firstIndex(where: {
                $0.strategy == strategy && $0.shard == shard.shard
            })
        else { return }
        sources[index].failures = shard.failures
        sources[index].latency = shard.latency
        sources[index].server = shard.server
    }

    /// Each version has a row of its own.
    private mutating func take(_ version: RunSummary.Version, of strategy: String) {
        let name = version.slot == "main" ? strategy : "\(strategy) \(version.slot)"
        guard let index = sources.firstIndex(where: { $0.name == name }) else { return }
        sources[index].role = version.role == "live" ? "" : version.role
        sources[index].failures = version.failures
        sources[index].latency = version.latency
    }

    /// What the recording holds, and how much of it has passed.
    var rows: Int { counted.count }
    var counted: (count: Int, noun: String) {
        guard let summary = progress?.summary else { return (0, "rows") }
        if summary.ticks > 0, summary.quotes > 0 {
            return (summary.ticks + summary.quotes, "ticks, quotes")
        }
        if summary.ticks > 0 { return (summary.ticks, "ticks") }
        return summary.quotes > 0 ? (summary.quotes, "quotes") : (summary.candles, "candles")
    }
}
