import Strategies
import Testing
import TradingModel

@Suite struct BuiltInStrategyTests {
    @Test(arguments: [
        (
            "ma_cross", ["fsat": "20"],
            """
            parameter 'fsat' of ma_cross: there is no such parameter
              allowed: fast, slow, volume_factor   did you mean 'fast'?
            """
        ),
        (
            "ma_cross", ["colour": "red"],
            """
            parameter 'colour' of ma_cross: there is no such parameter
              allowed: fast, slow, volume_factor
            """
        ),
        (
            "ma_cross", ["fast": "2x"],
            """
            parameter 'fast' of ma_cross: '2x' is not a whole number
              allowed: 1 to 511; default 20
            """
        ),
        (
            "ma_cross", ["fast": "2.5"],
            """
            parameter 'fast' of ma_cross: '2.5' is not a whole number
              allowed: 1 to 511; default 20
            """
        ),
        (
            "ma_cross", ["fast": "0"],
            """
            parameter 'fast' of ma_cross: 0 is out of range
              allowed: 1 to 511; default 20
            """
        ),
        (
            "ma_cross", ["slow": "170141183460469231731687303715884105727"],
            """
            parameter 'slow' of ma_cross: 170141183460469231731687303715884105727 is out of range
              allowed: 2 to 512; default 60
            """
        ),
        (
            "ma_cross", ["fast": "60"],
            """
            parameter 'fast' of ma_cross: 60 is not below slow, which is 60
              allowed: fast < slow; default 20 and 60
            """
        ),
        (
            "ma_cross", ["volume_factor": "nan"],
            """
            parameter 'volume_factor' of ma_cross: 'nan' is not a number with up to 6 decimals
              allowed: 0 to 1000; default 0
            """
        ),
        (
            "rsi", ["low": "70"],
            """
            parameter 'low' of rsi: 70 is not below high, which is 70
              allowed: low < high; default 30 and 70
            """
        ),
        (
            "rsi", ["high": "100.000001"],
            """
            parameter 'high' of rsi: 100.000001 is out of range
              allowed: 0 to 100; default 70
            """
        ),
    ])
    func faultsAreNamed(_ name: String, _ parameters: [String: String], _ text: String) throws {
        let strategy = try BuiltInStrategy.named(name)
        let error = #expect(throws: ParameterError.self) {
            try strategy.make(parameters: parameters)
        }
        #expect(error?.description == text)
        #expect(throws: ParameterError.self) { try strategy.resolved(parameters: parameters) }
        #expect(throws: ParameterError.self) { try strategy.warmUp(parameters: parameters) }
    }

    static let names =
        "ma_cross, rsi, macd, bollinger, mean_reversion, breakout, volume_surge, trend_dip"

    @Test(arguments: [
        ("ma_cros", "  allowed: \(names)   did you mean 'ma_cross'?"),
        ("RSI", "  allowed: \(names)   did you mean 'rsi'?"),
        ("", "  allowed: \(names)"),
    ])
    func unknownStrategiesGetTheNearestName(_ name: String, _ hint: String) {
        let error = #expect(throws: ParameterError.self) { try BuiltInStrategy.named(name) }
        #expect(error?.description == "there is no built-in strategy '\(name)'\n\(hint)")
    }

    @Test func defaultsAreResolvedInCanonicalText() throws {
        let cross = try BuiltInStrategy.named("ma_cross")
        let resolved = try cross.resolved(parameters: ["volume_factor": "1.50", "fast": "+10"])
        #expect(resolved.map(\.name) == ["fast", "slow", "volume_factor"])
        #expect(resolved.map(\.value) == ["10", "60", "1.5"])
    }

    @Test(arguments: BuiltInStrategy.all.map(\.name))
    func everyDefaultIsAllowedAndDescribed(_ name: String) throws {
        let strategy = try BuiltInStrategy.named(name)
        _ = try strategy.make(parameters: [:])
        #expect(!strategy.summary.isEmpty)
        for parameter in strategy.parameters {
            #expect((parameter.minimum...parameter.maximum).contains(parameter.defaultValue))
            #expect(!parameter.help.isEmpty)
        }
    }

    @Test func eachValueHasItsOwnState() throws {
        let cross = try BuiltInStrategy.named("ma_cross")
        var a = try cross.make(parameters: ["fast": "2", "slow": "3"])
        var b = a
        for _ in 0..<3 { _ = a.onTick(.sample(5)) }
        #expect(a.onTick(.sample(6)) != nil)
        #expect(b.onTick(.sample(6)) == nil)
    }
}
