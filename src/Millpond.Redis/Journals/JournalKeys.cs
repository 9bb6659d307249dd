using System.Text;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>The names that a journal has in the engine, all with one hash tag, so that one script reaches them all.</summary>
/// <remarks>
/// <code>
/// {views!journal}state      a hash: identity, keyspace, the server's life, the last and the acknowledged position, the lead's token, holder and end, bytes, the oldest record's time; of the trail the last settlement, its bytes, since when it is complete
/// {views!journal}records    a stream: what is not flushed; an entry's id is its position
/// {views!journal}pending    a hash: of each key the newest set or delete that is not flushed, with its position
/// {views!journal}dead       a hash: dead letters by position
/// {views!journal}order      a sorted set: position, name of a dead letter
/// {views!journal}trail      a stream: what is settled and kept; an entry's id is when, in ms, and its position
/// </code>
/// </remarks>
internal sealed class JournalKeys
{
    public JournalKeys(string name)
    {
        // A brace in a name would end the tag early.
        var tag = $"{{{name.Replace("%", "%25", StringComparison.Ordinal).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal)}!journal}}";
        State = Encoding.UTF8.GetBytes(tag + "state");
        Records = Encoding.UTF8.GetBytes(tag + "records");
        Pending = Encoding.UTF8.GetBytes(tag + "pending");
        Dead = Encoding.UTF8.GetBytes(tag + "dead");
        Order = Encoding.UTF8.GetBytes(tag + "order");
        Trail = Encoding.UTF8.GetBytes(tag + "trail");
        All = [State, Records, Pending, Dead, Order, Trail];
        Slot = RespSlot.Of(State);
    }

    public byte[] State { get; }

    public byte[] Records { get; }

    public byte[] Pending { get; }

    public byte[] Dead { get; }

    public byte[] Order { get; }

    public byte[] Trail { get; }

    /// <summary>In the order in which scripts know them.</summary>
    public ReadOnlyMemory<byte>[] All { get; }

    public int Slot { get; }
}
