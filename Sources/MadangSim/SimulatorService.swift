import Brokers
import Foundation
import HTTPTransport
import Platform
import Ports
import TradingModel

/// The rim: the venue behind HTTP and WebSocket, with real time and real sockets.
final class SimulatorService: Sendable {
    struct Ports: Sendable {
        var http: UInt16 = 0
        var stream: UInt16 = 0
        var isOpenToAll = false
    }
    struct State {
        var venue: SimulatedVenue
        /// By how much its clock goes before the machine's, ns: somebody made it go on.
        var ahead: Int64 = 0
        /// Lines of the stream that are open.
        var lines: [ObjectIdentifier: WebSocket] = [:]
    }
    let state: Locked<State>
    let control: String
    let later = DelayLine()
    private let clock: any TimeSource
    private let desk: SimulatorDesk
    private let http: HTTPServer
    private let stream: WebSocketServer

    /// - Parameter control: What opens the control endpoints.
    init(
        _ settings: SimulatedVenue.Settings, ports: Ports = Ports(), control: String,
        clock: any TimeSource = HostClock()
    ) throws {
        self.control = control
        self.clock = clock
        let state = Locked(State(venue: SimulatedVenue(settings)))
        self.state = state
        let later = later
        let desk = SimulatorDesk(state: state, control: control, clock: clock, later: later)
        self.desk = desk
        http = try HTTPServer(
            HTTPServerSettings(port: ports.http, isOpenToAll: ports.isOpenToAll)
        ) { desk.answer($0, $1) }
        stream = try WebSocketServer(
            port: ports.stream, isOpenToAll: ports.isOpenToAll,
            WebSocketLimits(message: 64 * 1024, unsent: 64 << 20)
        ) { upgrade in
            guard upgrade.path == "/v1/stream" else { return 404 }
            let isLet = state.withLock {
                $0.venue.admits(upgrade.bearer, at: clock.monotonic() &+ $0.ahead)
            }
            return isLet ? nil : 401
        } listener: {
            desk.hear($0, $1)
        }
    }

    var httpPort: UInt16 { http.port }
    var streamPort: UInt16 { stream.port }

    /// Prints of its own market, a step each `pace` ns, until it is closed.
    func walk(every pace: Int64) {
        desk.later.after(pace) { [weak self] in
            guard let self else { return }
            desk.state.withLock { state in
                state.venue.pass(to: desk.clock.utc() &+ state.ahead)
                state.venue.step()
                desk.say(&state)
            }
            walk(every: pace)
        }
    }

    func close() {
        later.close()
        stream.close()
        http.close()
    }
}

/// What the servers' threads call.
struct SimulatorDesk: Sendable {
    let state: Locked<SimulatorService.State>
    let control: String
    let clock: any TimeSource
    let later: DelayLine

    func answer(_ request: HTTPServerRequest, _ responder: HTTPResponder) {
        if request.path.hasPrefix("/control/") {
            let answer = answerControl(request)
            return responder.answer(Self.response(answer))
        }
        let asked = VenueRequest(
            method: request.method, path: request.path,
            query: Dictionary(request.query.map { ($0.name, $0.value) }) { first, _ in first },
            token: request.bearer, body: request.body)
        let answer = state.withLock { state in
            state.venue.pass(to: clock.utc() &+ state.ahead)
            let answer = state.venue.answer(asked, at: clock.monotonic() &+ state.ahead)
            say(&state)
            return answer
        }
        if answer.delay > 0 {
            later.after(answer.delay) { Self.send(answer, responder) }
        } else if answer.way == .never {
            // Not for ever: whoever hangs up without a word would leave it here.
            later.after(120_000_000_000) { responder.answer(.nothing) }
        } else {
            Self.send(answer, responder)
        }
    }

    private static func send(_ answer: VenueAnswer, _ responder: HTTPResponder) {
        let response = response(answer)
        switch answer.way {
        case .whole: responder.answer(response)
        case .half: responder.answer(.cut(response, after: response.body.count / 2))
        case .nothing, .never: responder.answer(.nothing)
        }
    }

    private static func response(_ answer: VenueAnswer) -> HTTPResponse {
        var headers = [("Content-Type", "application/json")]
        if let wait = answer.retryAfter {
            headers.append(("Retry-After", "\((wait + 999_999_999) / 1_000_000_000)"))
            headers.append(("Retry-After-Ns", "\(wait)"))
        }
        return HTTPResponse(status: answer.status, headers: headers, body: answer.body + [10])
    }

    // MARK: The stream

    /// Tells every line what the venue has to say; with the state locked, so that the order stays.
    func say(_ state: inout SimulatorService.State, isLast: Bool = true) {
        for event in state.venue.takeOutgoing(isLast: isLast) {
            switch event {
            case .report(let report, let delay) where delay > 0:
                let lines = Array(state.lines.values)
                later.after(delay) { for line in lines { Self.say(report, on: line) } }
            case .report(let report, _):
                for line in state.lines.values { Self.say(report, on: line) }
            case .dropLines:
                for line in state.lines.values { line.tear() }
            }
        }
    }

    private static func say(_ report: SimulatorWire.Report, on line: WebSocket) {
        let message = WebSocketMessage(isText: true, bytes: SimulatorWire.bytes(report))
        // One that reads nothing any more is cut off, and told again when it comes back.
        do { try line.send(message) } catch { line.tear() }
    }

    func hear(_ line: WebSocket, _ event: WebSocketEvent) {
        state.withLock { state in
            switch event {
            case .opened:
                let after = line.upgrade?[query: "after"].flatMap { UInt64($0) }
                for report in state.venue.greeting(after: after) { Self.say(report, on: line) }
                state.lines[ObjectIdentifier(line)] = line
            case .message: break
            case .closed: state.lines[ObjectIdentifier(line)] = nil
            }
        }
    }
}

/// Runs things later, on a thread of its own.
final class DelayLine: Sendable {
    private struct Item {
        let due: Int64
        let number: UInt64
        let body: @Sendable () -> Void
    }
    private struct State {
        var items: [Item] = []
        var count: UInt64 = 0
        var isClosed = false
    }
    private let state = Locked(State())
    private let bell = Doorbell()
    private let clock = HostClock()

    init() {
        HostThread.start(named: "later") { [state, bell, clock] in
            while true {
                let now = clock.monotonic()
                let (due, next, isClosed) = state.withLock { state in
                    let due = state.items.filter { $0.due <= now }
                        .sorted { ($0.due, $0.number) < ($1.due, $1.number) }
                    state.items.removeAll { $0.due <= now }
                    return (due, state.items.map(\.due).min(), state.isClosed)
                }
                if isClosed { return }
                for item in due { item.body() }
                if due.isEmpty { _ = bell.wait(until: next) }
            }
        }
    }

    /// - Parameter wait: ns.
    func after(_ wait: Int64, _ body: @escaping @Sendable () -> Void) {
        let due = clock.monotonic() + max(0, wait)
        state.withLock { state in
            state.count += 1
            state.items.append(Item(due: due, number: state.count, body: body))
        }
        bell.ring()
    }

    /// What has not come to its time never does.
    func close() {
        state.withLock {
            $0.isClosed = true
            $0.items = []
        }
        bell.ring()
    }
}
