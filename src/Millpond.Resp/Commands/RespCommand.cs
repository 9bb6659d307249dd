using System.Globalization;
using System.Text;

namespace Millpond.Resp;

/// <summary>
/// A command as a name and a list of arguments, answered by a tree: the convenient way, which allocates. What is called often deserves an
/// <see cref="IRespRequest{TResult}"/> of its own.
/// </summary>
public readonly struct RespCommand : IRespRequest<RespValue>
{
    // Commands without a key, or whose first argument is none.
    private static readonly HashSet<string> Keyless = new(StringComparer.OrdinalIgnoreCase)
    {
        "ACL", "AUTH", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "DEBUG", "DISCARD", "ECHO", "EXEC", "FAILOVER", "FLUSHALL", "FLUSHDB", "FUNCTION", "HELLO", "INFO", "KEYS",
        "LASTSAVE", "LATENCY", "LOLWUT", "MEMORY", "MODULE", "MULTI", "PING", "PUBLISH", "PUBSUB", "RANDOMKEY", "READONLY", "READWRITE", "REPLICAOF", "ROLE", "SAVE", "SCAN", "SCRIPT", "SELECT",
        "SENTINEL", "SHUTDOWN", "SLOWLOG", "SWAPDB", "TIME", "UNWATCH", "WAIT",
    };

    // Commands whose keys stand behind their number: the script or the function, the number, the keys.
    private static readonly HashSet<string> Numbered = new(StringComparer.OrdinalIgnoreCase) { "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO" };

    private readonly RespArgument[] _arguments;
    private readonly int? _slot;

    /// <summary>A command.</summary>
    /// <param name="name">Its name, such as <c>GET</c>. A subcommand is an argument.</param>
    /// <param name="arguments">Its arguments.</param>
    public RespCommand(string name, params RespArgument[] arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(arguments);
        (Name, _arguments) = (name, arguments);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public RespTraits Traits { get; init; }

    /// <inheritdoc/>
    /// <remarks>By default that of the first argument, or of the first key behind the number of keys where the command has one; <see cref="RespSlot.Any"/> for commands without keys.</remarks>
    public int Slot
    {
        get => _slot ?? FindSlot();
        init => _slot = value;
    }

    /// <inheritdoc/>
    public void Write(ref RespWriter writer)
    {
        Span<byte> name = stackalloc byte[64];
        if (Encoding.UTF8.TryGetBytes(Name, name, out var length))
        {
            writer.Command(name[..length], _arguments.Length);
        }
        else
        {
            writer.Command(Encoding.UTF8.GetBytes(Name), _arguments.Length);
        }

        foreach (var argument in _arguments)
        {
            writer.Argument(argument.Bytes.Span);
        }
    }

    /// <inheritdoc/>
    public RespValue Read(ref RespReader reader) => RespValue.Read(ref reader);

    private int FindSlot()
    {
        if (_arguments.Length == 0 || Keyless.Contains(Name))
        {
            return RespSlot.Any;
        }

        if (!Numbered.Contains(Name))
        {
            return RespSlot.Of(_arguments[0].Bytes.Span);
        }

        return _arguments.Length > 2 && int.TryParse(_arguments[1].Bytes.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var keys) && keys > 0
            ? RespSlot.Of(_arguments[2].Bytes.Span)
            : RespSlot.Any;
    }
}
