package import Platform

/// How a local server is started, and what it may use.
package struct LaunchPlan: Hashable, Sendable {
    /// Program and arguments; the program is looked up in the host's PATH when it has no slash.
    package var command: [String]
    package var folder: String
    /// Beside the few variables that every server gets. Never the host's own environment.
    package var environment: [String: String]
    /// Bytes in memory, with what it starts; `nil`: no limit.
    package var memory: Int64?
    /// Never less than the host's own.
    package var nice: Int32?
    package var cpus: CPUSet?
    /// Where its number is written down while it runs; `nil`: nowhere.
    package var record: String?

    package init(command: [String], folder: String, environment: [String: String] = [:]) {
        self.command = command
        self.folder = folder
        self.environment = environment
    }

    /// From SIGTERM to SIGKILL, ns.
    static let grace: Int64 = 2_000_000_000

    /// - Parameter variables: Those that every server gets; its own come first.
    func process(with variables: [String: String]) -> ProcessLaunch {
        var process = ProcessLaunch(
            arguments: command, environment: environment.merging(variables) { own, _ in own },
            directory: folder, grace: Self.grace)
        process.memory = memory
        process.nice = nice
        process.cpus = cpus
        process.record = record
        process.pace = .server
        return process
    }
}

extension SessionPlan {
    /// A server that the host starts is met where nobody else can put a socket in its place.
    func checkSocketFolder() throws(ServerRefusal) {
        guard launch != nil, case .unix(let path) = target else { return }
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        guard let fault = PrivateFolder.fault(of: folder.isEmpty ? "/" : String(folder)) else {
            return
        }
        throw ServerRefusal(fault.what, advice: fault.advice)
    }
}
