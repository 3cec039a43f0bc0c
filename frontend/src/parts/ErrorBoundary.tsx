import { Component, type ReactNode } from 'react'
import { ErrorNote } from './ErrorNote'

interface Props {
  /** Return the content instead. again: try to show the children once more. */
  instead?: (again: () => void) => ReactNode
  /** The subject of the children: when it changes, they are tried again. */
  about?: unknown
  children: ReactNode
}

/** A boundary that keeps errors inside: the rest of the editor goes on. */
export class ErrorBoundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override componentDidUpdate(before: Props) {
    if (this.state.isBroken && before.about !== this.props.about) this.again()
  }

  private readonly again = () => this.setState({ isBroken: false })

  override render() {
    if (!this.state.isBroken) return this.props.children
    return (
      this.props.instead?.(this.again) ?? (
        <ErrorNote words="This panel crashed. Your changes are kept." onAgain={this.again} />
      )
    )
  }
}
