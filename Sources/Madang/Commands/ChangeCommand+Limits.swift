import Host
import Platform
import Ports

/// `madang risk show|set`: what holds for each account of the run in hand, and what of it is stopped.
extension ChangeCommand {
    static func limit(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        return try change(
            command, try Place(loader, configuration),
            .limit(
                account: command.value(of: CommandLineShape.account),
                values: try assignments(command.arguments, "order_value=2000000")))
    }

    static func limits(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let place = try Place(loader, configuration, isChange: false)
        var answer = try ask(place, .showLimits, basis: nil, AnswerWait.usual)
        // What forbids to open is no limit, and is looked for beside them.
        let found: Result<(StoreReading, StandingStops), any Error> = Result {
            let reading = try StoreReading(command, run: answer.run)
            let events = try reading.read { (store) throws(StoreError) in try store.riskEvents() }
            return (reading, StandingStops(events))
        }
        answer.stops = (try? found.get())?.1.all.map { ChangeFile.Answer.Stop($0) }
        let code = try show(answer, counted(answer.entries.count, "account"), command)
        guard !command.has(CommandLineShape.json) else { return code }
        switch found {
        case .success((let reading, let stops)):
            for stop in stops.all {
                let line = stop.line { "\(reading.time.text($0)) \(reading.time.name)" }
                StandardOutput.write(line: "  \(line)")
            }
        case .failure(let error):
            // The limits are true without the tables; that nothing is stopped would not be.
            StandardOutput.write(line: "  what is stopped besides cannot be told: \(error)")
        }
        return code
    }
}
