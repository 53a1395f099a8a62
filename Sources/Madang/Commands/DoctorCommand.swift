import Foundation
import Glibc
import Platform

/// `madang doctor`: what is good, what is not, and what to do next.
enum DoctorCommand {
    static func run(_ command: CommandInvocation, _ stopper: Stopper) async throws -> ExitCode {
        let path = command.value(of: CommandLineShape.config) ?? "madang.yaml"
        let isJSON = command.has(CommandLineShape.json)
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: Environment.variables())
        let report = DoctorReport(terminal: terminal)
        let servers = DoctorServers()
        let environment = DoctorEnvironment(path: path, servers: servers)
        stopper.onStop { _ in
            Task {
                await servers.end()
                exit(ExitCode.stopped.rawValue)
            }
        }
        let checks = Doctor.checks(sendingTo: command.values(of: CommandLineShape.sendTest))
        let results = await Doctor(checks: checks, environment: environment).run { result in
            let lines = isJSON ? (try? DoctorReport.json(result)) ?? [] : report.lines(result)
            lines.forEach { StandardOutput.write(line: $0) }
            if terminal.isInteractive { StandardOutput.flush() }
        }
        await servers.end()
        if !isJSON { StandardOutput.write(line: report.verdict(results)) }
        return Doctor.code(of: results)
    }
}
