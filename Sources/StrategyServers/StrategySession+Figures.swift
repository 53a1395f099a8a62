package import Ports
package import TradingModel

extension StrategySession {
    /// How it stands now, and the last event that was sent to it or left out. Any thread.
    ///
    /// The queue is what was sent and not answered; its feed knows what waits behind that.
    package func figures(version: String) -> (figures: ServerFigures, reached: EventPosition?) {
        let (connection, connections, refused) = state.withLock { state in
            (state.connection, state.connections, state.refused)
        }
        var figures = ServerFigures(version: version)
        figures.restarts = max(0, connections - 1)
        figures.invalid = refused + (connection?.refused ?? 0)
        guard let connection else { return (figures, nil) }
        let flow = connection.shared.withLock { $0.flow }
        figures.queue = flow.outstanding
        figures.credit = flow.credit
        return (figures, flow.reached)
    }
}

extension StrategySession {
    /// How long it worked at an event, over all its connections. Any thread.
    package var serviceTimes: LatencyHistogram {
        let (connection, before) = state.withLock { ($0.connection, $0.service) }
        var times = before
        if let connection { times.add(connection.service) }
        return times
    }
}

extension Connection {
    var service: LatencyHistogram { shared.withLock { $0.flow.service } }
    /// Results refused so far.
    var refused: Int { shared.withLock { $0.refused.total } }
}
