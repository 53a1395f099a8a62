import Platform
import Ports
import TradingModel

/// Tells people what sessions report, and ends a run that cannot go on without one.
enum SessionNews {
    static func tell(
        _ report: SessionReport, of link: SessionLink, _ state: inout RunState,
        observer: any RunObserver, failsRun: Bool
    ) throws(RunFailure) {
        func notice(_ kind: RunNotice.Kind, _ text: String) {
            observer.notice(RunNotice(kind, time: state.time, source: link.name, text: text))
        }
        func news(_ trouble: RunNews.ServerTrouble, _ detail: String) {
            state.setup.news?.tell(
                RunNews(
                    place: nil, time: state.time, account: link.subscription.account,
                    event: .server(link.name, trouble, detail: oneLine(detail))))
        }
        switch report {
        case .described: break
        case .state(let session, let detail):
            let before = state.projector.state(of: link)
            state.projector.set(state: session.rawValue, of: link)
            var line = RunNotice(
                .server, time: state.time, source: link.name,
                text: "\(link.name) \(session.rawValue)" + (detail.isEmpty ? "" : ": \(detail)"))
            line.figure = .state(session, detail: detail)
            observer.notice(line)
            if session == .refused { news(.refused, detail) }
            if session == .hung { news(.hung, detail) }
            // Once for each outage: a trial that fails is no news.
            if session == .open, before != SessionState.probing.rawValue { news(.gone, detail) }
            if session == .refused, failsRun { throw .server(place: link.place, why: detail) }
        case .quarantine(let quarantine?):
            // The state was told; this is what it needs.
            notice(
                .warning,
                "\(link.name) is left alone, over restarts too, until somebody mends it and says:"
                    + " \(ServerQuarantine.release(link.name))")
            news(.quarantined, quarantine.words)
        case .quarantine(nil):
            notice(.warning, "\(link.name) is released from quarantine")
            news(.released, "")
        case .failure(let position, let message, let recoverable):
            state.projector.failed(link)
            observer.notice(
                state.narrator.failure(
                    message, of: link.name, at: position, recoverable: recoverable, time: state.time
                ))
        case .refusedResults(let count, let reason):
            state.projector.failed(link, count: count)
            notice(
                .warning,
                "GR033 \(link.name): \(count) result\(count == 1 ? "" : "s") refused: \(reason)")
        case .log(let level, let text): notice(.server, "\(link.name) [\(level)] \(oneLine(text))")
        case .output(let line): notice(.server, "\(link.name)| \(oneLine(line))")
        }
    }

    /// Results that came again with another content: the first stands.
    static func tell(
        _ contradictions: [SessionLane.Identity], of link: SessionLink, time: Timestamp,
        observer: any RunObserver
    ) {
        guard let first = contradictions.first else { return }
        let count = contradictions.count
        observer.notice(
            RunNotice(
                .warning, time: time, source: link.name,
                text:
                    "\(link.name) is not deterministic: \(count) result\(count == 1 ? "" : "s") came again with another"
                    + " content, first at event \(first.position); the first result stands"))
    }
}
