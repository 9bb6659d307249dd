using Microsoft.Extensions.DependencyInjection;
using Millpond.Runtime;

namespace Millpond.Debezium;

/// <summary>What declaring a feed from Debezium takes, whatever carries its messages.</summary>
internal static class DebeziumDeclaring
{
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static void Check(string name, DebeziumOptions options)
    {
        var faults = new List<string>();
        options.Check(name, faults);
        if (faults.Count > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"a feed from Debezium is not configured soundly:{string.Concat(faults.Select(fault => "\n  - " + fault))}");
        }
    }

    public static Surroundings SurroundingsOf(IServiceProvider services) =>
        services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real);
}
