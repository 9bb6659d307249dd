using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;

namespace Millpond.Keys;

/// <summary>Reads all parts of a composite, and the separators between them, and constructs it.</summary>
internal delegate bool CompositeReader<T>(ref KeyTextReader text, [MaybeNullWhen(false)] out T key);

/// <summary>Record structs and tuples: the parts in their order of declaration, a separator between each two.</summary>
internal sealed class CompositePart<T>(FieldPart<T>[] fields, CompositeReader<T> reader) : KeyPart<T>
{
    public override void Append(T key, ref KeyTextBuilder text)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                text.AppendSeparator();
            }

            fields[i].Append(in key, ref text);
        }
    }

    public override bool TryRead(ref KeyTextReader text, [MaybeNullWhen(false)] out T key) => reader(ref text, out key);
}

/// <summary>One part of a composite, its own type hidden.</summary>
internal abstract class FieldPart<T>
{
    public abstract void Append(in T key, ref KeyTextBuilder text);
}

internal sealed class FieldPart<T, TField>(Func<T, TField> read, KeyPart<TField> part) : FieldPart<T>
{
    public override void Append(in T key, ref KeyTextBuilder text) => part.Append(read(key), ref text);
}

/// <summary>
/// Compiles how a composite is read: its parts go into variables of their own types and from there into the constructor, so that no part
/// is boxed and nothing is looked up per key.
/// </summary>
internal static class CompositeReaders
{
    /// <summary>The public constructor that takes exactly these members in this order, by name and type; null if there is none.</summary>
    public static ConstructorInfo? ConstructorOf(Type type, IReadOnlyList<MemberInfo> members) =>
        type.GetConstructors().FirstOrDefault(constructor =>
            constructor.GetParameters() is var parameters
            && parameters.Length == members.Count
            && parameters.Zip(members).All(pair =>
                string.Equals(pair.First.Name, pair.Second.Name, StringComparison.OrdinalIgnoreCase) // A tuple's are item1 and Item1.
                && pair.First.ParameterType == TypeOf(pair.Second)));

    /// <summary>The <see cref="CompositeReader{T}"/> of the constructor's type.</summary>
    /// <param name="constructor">What takes the values of the parts.</param>
    /// <param name="parts">A <see cref="KeyPart{T}"/> for each of its parameters.</param>
    public static Delegate Compile(ConstructorInfo constructor, IReadOnlyList<object> parts)
    {
        var type = constructor.DeclaringType!;
        var text = Expression.Parameter(typeof(KeyTextReader).MakeByRefType());
        var key = Expression.Parameter(type.MakeByRefType());
        var values = constructor.GetParameters().Select(p => Expression.Variable(p.ParameterType)).ToArray();
        var read = values
            .Select((value, i) => (Expression)Expression.Call(Expression.Constant(parts[i]), i == 0 ? "TryRead" : "TryReadNext", [], text, value))
            .Aggregate(Expression.AndAlso);
        var body = Expression.Condition(
            read,
            Expression.Block(Expression.Assign(key, Expression.New(constructor, values)), Expression.Constant(true)),
            Expression.Block(Expression.Assign(key, Expression.Default(type)), Expression.Constant(false)));
        return Expression.Lambda(typeof(CompositeReader<>).MakeGenericType(type), Expression.Block(values, body), text, key).Compile();
    }

    public static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
}
