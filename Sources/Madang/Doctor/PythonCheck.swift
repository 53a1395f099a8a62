import Foundation
import Host
import Platform

/// What launches strategy servers: each program is found, and a Python among them imports madang.
struct PythonCheck: DoctorCheck {
    let name = "python"
    let code = ExitCode.server
    let timeout = Duration.seconds(30)

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        guard let configuration = environment.configuration else {
            return [.skipped("not looked at without a good configuration")]
        }
        var findings: [Finding] = []
        var asked: Set<[String]> = []
        for strategy in configuration.strategies {
            guard case .server(let server) = strategy.kind, let program = server.launch.first
            else { continue }
            let plan = LaunchSetting(server, base: environment.base, host: environment.variables)
            guard let path = find(program, plan, environment) else {
                findings.append(missing(program, strategy.name, plan))
                continue
            }
            if let script = script(of: plan, environment) {
                findings.append(missing(script: script, strategy.name))
                continue
            }
            guard asked.insert([path, plan.folder]).inserted else { continue }
            findings.append(
                isPython(path)
                    ? await importing(path, plan, strategy.name, environment)
                    : .good("\(strategy.name): \(path) is there, and can be run"))
        }
        return findings.isEmpty ? [.skipped("no strategy is launched by this host")] : findings
    }

    private func isPython(_ path: String) -> Bool {
        URL(fileURLWithPath: path).lastPathComponent.hasPrefix("python")
    }

    private func find(
        _ program: String, _ plan: LaunchSetting, _ environment: DoctorEnvironment
    ) -> String? {
        let candidates =
            program.contains("/")
            ? [plan.path(program)]
            : (plan.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
        return candidates.first { environment.isExecutable($0) }
    }

    private func missing(_ program: String, _ name: String, _ plan: LaunchSetting) -> Finding {
        let place =
            program.contains("/")
            ? plan.path(program) : "on the PATH (\(plan.environment["PATH"] ?? ""))"
        return .wrong(
            "\(name): '\(program)' is not there, or cannot be run: \(place)",
            next: program.hasPrefix("python")
                ? "activate .venv first, or write launch: [.venv/bin/python, …]"
                : "correct launch, which counts from \(plan.folder)", .server)
    }

    /// The first argument, where it names a script that is not there.
    private func script(of plan: LaunchSetting, _ environment: DoctorEnvironment) -> String? {
        guard plan.command.count > 1, plan.command[1].hasSuffix(".py") else { return nil }
        let path = plan.path(plan.command[1])
        return environment.file(path) == nil ? path : nil
    }
    private func missing(script: String, _ name: String) -> Finding {
        .wrong(
            "\(name): the script \(script) is not there",
            next: "correct launch, or write it: madang-py new \(script)", .server)
    }

    private func importing(
        _ path: String, _ plan: LaunchSetting, _ name: String, _ environment: DoctorEnvironment
    ) async -> Finding {
        let text =
            "import sys, madang; print(madang.__version__, '.'.join(map(str, sys.version_info[:3])))"
        let launch = ProcessLaunch(
            arguments: [path, "-c", text], environment: plan.environment, directory: plan.folder,
            grace: 500_000_000)
        do {
            let end = try await environment.execute(launch)
            let words = (end.output.last ?? "").split(separator: " ")
            guard end.exit == .code(0), words.count == 2 else {
                return .wrong(
                    "\(name): \(path) cannot import madang: \(end.errors.last ?? "\(end.exit)")",
                    next:
                        "install the SDK of this checkout: \(path) -m pip install ./strategies-py",
                    .server)
            }
            return .good("\(path): Python \(words[1]) imports madang \(words[0])")
        } catch {
            return .wrong("\(name): \(error)", else: "see whether \(path) runs at all", .server)
        }
    }
}

/// How a server is started, with the paths that count.
struct LaunchSetting {
    let command: [String]
    let folder: String
    let environment: [String: String]

    /// The same environment that a run gives it.
    init(_ server: ServerSetting, base: String, host: [String: String]) {
        command = server.launch
        folder = server.folder.hasPrefix("/") ? server.folder : base + "/" + server.folder
        var environment = [
            "PATH": host["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1",
        ]
        for name in ["HOME", "LANG", "LC_ALL", "TZ"] { environment[name] = host[name] }
        environment.merge(server.environment) { $1 }
        self.environment = environment
    }

    /// Shortened by its words alone. Links stay: a Python of an environment is one, and must be called by it.
    func path(_ written: String) -> String {
        let whole = written.hasPrefix("/") ? written : folder + "/" + written
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (whole.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
