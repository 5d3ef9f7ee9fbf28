import { memo, type ReactNode } from 'react'
import { Highlight } from '@/lib/highlight'
import { parse, type Block, type Inline } from './format'

/** A text as its writer meant it: bold, quotes, lists, addresses as links. Words that are looked for are marked. */
export const Rich = memo(function Rich({ text, marked = '' }: { text: string; marked?: string }) {
  return <div className="rich contents">{parse(text).map((block, index) => <Piece key={index} block={block} marked={marked} />)}</div>
})

const WORDS = 'whitespace-pre-wrap break-words [overflow-wrap:anywhere]'

function Piece({ block, marked }: { block: Block; marked: string }): ReactNode {
  switch (block.kind) {
    case 'lines':
      return <span className={WORDS}><Nodes nodes={block.children} marked={marked} /></span>
    case 'quote':
      return <blockquote className={`my-1 border-l-[3px] border-current/30 pl-2.5 opacity-85 ${WORDS}`}><Nodes nodes={block.children} marked={marked} /></blockquote>
    case 'mono':
      return <pre className={`my-1 rounded-sm bg-current/6 px-2 py-1.5 font-mono text-[0.92em] ${WORDS}`}><Highlight text={block.text.replace(/^\n|\n$/g, '')} query={marked} /></pre>
    case 'list': {
      const List = block.isOrdered ? 'ol' : 'ul'
      return (
        <List start={block.isOrdered ? block.start : undefined} className={`my-0.5 pl-5 ${block.isOrdered ? 'list-decimal' : 'list-disc'}`}>
          {block.items.map((item, index) => <li key={index} className={WORDS}><Nodes nodes={item.children} marked={marked} /></li>)}
        </List>
      )
    }
  }
}

function Nodes({ nodes, marked }: { nodes: readonly Inline[]; marked: string }): ReactNode {
  return nodes.map((node, index) => <Node key={index} node={node} marked={marked} />)
}

function Node({ node, marked }: { node: Inline; marked: string }): ReactNode {
  switch (node.kind) {
    case 'text':
      return <Highlight text={node.text} query={marked} />
    case 'link':
      return <a href={node.href} target="_blank" rel="noopener noreferrer nofollow" className="underline decoration-current/50 underline-offset-2 hover:decoration-current"><Highlight text={node.text} query={marked} /></a>
    case 'code':
      return <code className="rounded-xs bg-current/8 px-1 py-px font-mono text-[0.92em]"><Highlight text={node.text} query={marked} /></code>
    case 'bold':
      return <strong className="font-semibold"><Nodes nodes={node.children} marked={marked} /></strong>
    case 'italic':
      return <em><Nodes nodes={node.children} marked={marked} /></em>
    case 'strike':
      return <s><Nodes nodes={node.children} marked={marked} /></s>
  }
}
