using Millpond;
using Millpond.Debezium;

var (value, key) = (Handed.Bytes, Handed.Bytes);
var inlet = Handed.Inlet;

static class Handed
{
    public static ReadOnlyMemory<byte> Bytes => throw new NotSupportedException("Snippets are compiled, not run.");

    public static DebeziumInlet Inlet => throw new NotSupportedException("Snippets are compiled, not run.");
}
