using Millpond;

// What AddKeyspace hands to its second argument.
KeyspaceBuilder<int, Product> k = Declaring.Keyspace;

static class Declaring
{
    public static KeyspaceBuilder<int, Product> Keyspace => throw new NotSupportedException("Snippets are compiled, not run.");
}
