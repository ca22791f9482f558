export function App() {
  return (
    <main className="page start">
      <span className="badge">Ready</span>
      <h1>A clean page, ready for your idea</h1>
      <p className="lead">Describe what you need in the conversation. It appears here as it is made.</p>
    </main>
  )
}
